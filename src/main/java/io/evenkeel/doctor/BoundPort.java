package io.evenkeel.doctor;

import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A port that a socket of this network namespace is bound to: UDP, or TCP in LISTEN. Immutable.
 *
 * @param inode the socket's number
 * @param owner the process, e.g. {@code named (pid 312)}; empty if it may not be seen
 * @param pid its number, 0 if it may not be seen
 */
record BoundPort(Protocol protocol, IpAddress address, int port, long inode, String owner, long pid) {
    private static final String LISTEN = "0A";
    private static final int MOST_PORT = 65_535;
    private static final int LOCAL = 1;
    private static final int STATE = 3;
    private static final int INODE = 9;

    /** A line of /proc/net/udp, udp6, tcp or tcp6; empty for headings, connections and what cannot be read. */
    static Optional<BoundPort> parse(Protocol protocol, String line) {
        String[] words = line.strip().split("\\s+");
        if (words.length <= INODE) return Optional.empty();
        if (protocol == Protocol.TCP && !words[STATE].equals(LISTEN)) return Optional.empty();
        int colon = words[LOCAL].indexOf(':');
        if (colon != 8 && colon != 32) return Optional.empty();
        try {
            IpAddress address = plain(IpAddress.ofBytes(bytes(words[LOCAL].substring(0, colon))));
            int port = Integer.parseInt(words[LOCAL].substring(colon + 1), 16);
            if (port < 0 || port > MOST_PORT) return Optional.empty();
            return Optional.of(new BoundPort(protocol, address, port, Long.parseLong(words[INODE]), "", 0));
        } catch (IllegalArgumentException notOne) {
            return Optional.empty();
        }
    }

    /** A socket of IPv6 may be bound to an address of IPv4 (RFC 4291 section 2.5.5.2). */
    private static IpAddress plain(IpAddress address) {
        boolean mapped = address.v6() && address.high() == 0 && address.low() >>> 32 == 0xffff;
        return mapped ? IpAddress.v4((int) address.low()) : address;
    }

    /** The kernel prints words of 32 bits, each in the machine's byte order. */
    private static byte[] bytes(String hex) {
        ByteBuffer printed = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
        ByteBuffer bytes = ByteBuffer.allocate(printed.capacity()).order(ByteOrder.nativeOrder());
        while (printed.hasRemaining()) bytes.putInt(printed.getInt());
        return bytes.array();
    }

    BoundPort ownedBy(String process, long id) {
        return new BoundPort(protocol, address, port, inode, process, id);
    }

    /** A socket that is bound there keeps others from {@code vip}; one of IPv6 to all addresses holds those of IPv4 too. */
    boolean holds(IpAddress vip) {
        return address.equals(vip)
                || (address.isAny() && (address.v6() || !vip.v6()))
                || (vip.isAny() && address.v6() == vip.v6());
    }
}
