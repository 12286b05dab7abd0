package io.evenkeel.dataplane.socket;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Reads a PROXY protocol version 2 header as a realserver would, written from the protocol's page and not from our
 * encoder.
 *
 * @param length bytes of the header: the payload follows
 */
record ProxyHeaderReader(boolean stream, Endpoint source, Endpoint destination, int length) {
    private static final byte[] SIGNATURE = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a");

    /** The header at the beginning of {@code bytes}; empty if there is none that is whole. */
    static Optional<ProxyHeaderReader> read(byte[] bytes) {
        if (bytes.length < 16 || !Arrays.equals(bytes, 0, 12, SIGNATURE, 0, 12)) return Optional.empty();
        if (bytes[12] != 0x21) return Optional.empty();
        int addressBytes = switch (bytes[13] >> 4) {
            case 1 -> 4;
            case 2 -> 16;
            default -> 0;
        };
        int transport = bytes[13] & 15;
        int follows = number(bytes, 14);
        if (addressBytes == 0 || transport < 1 || transport > 2) return Optional.empty();
        if (follows < 2 * addressBytes + 4 || bytes.length < 16 + follows) return Optional.empty();
        int ports = 16 + 2 * addressBytes;
        return Optional.of(new ProxyHeaderReader(
                transport == 1,
                new Endpoint(address(bytes, 16, addressBytes), number(bytes, ports)),
                new Endpoint(address(bytes, 16 + addressBytes, addressBytes), number(bytes, ports + 2)),
                16 + follows));
    }

    private static IpAddress address(byte[] bytes, int at, int length) {
        return IpAddress.ofBytes(Arrays.copyOfRange(bytes, at, at + length));
    }

    private static int number(byte[] bytes, int at) {
        return (bytes[at] & 255) << 8 | (bytes[at + 1] & 255);
    }
}
