package io.evenkeel.dataplane.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The header of the PROXY protocol, version 2, which tells a realserver whom it serves: once at the head of a stream, or
 * before the payload of each datagram (HAProxy's proxy-protocol.txt, section 2.2). A pure encoder; any thread, allocates
 * nothing.
 *
 * <pre>
 *    0  12  signature 0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A
 *   12   1  version 2, command 1: PROXY
 *   13   1  address family (1 IPv4, 2 IPv6) and transport (1 stream, 2 datagram)
 *   14   2  bytes that follow: 12 or 36
 *   16      source address, destination address, source port, destination port
 * </pre>
 */
final class ProxyHeader {
    private ProxyHeader() {}

    static final int V4_BYTES = 28;
    static final int V6_BYTES = 52;

    private static final int FIXED_BYTES = 16;
    private static final long SIGNATURE_HIGH = 0x0d0a0d0a_000d0a51L;
    private static final int SIGNATURE_LOW = 0x5549540a;
    private static final byte VERSION_AND_COMMAND = 0x21;
    private static final int IPV4 = 0x10;
    private static final int IPV6 = 0x20;
    private static final int STREAM = 1;
    private static final int DATAGRAM = 2;

    private static final ValueLayout.OfShort SHORT = JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    /** Bytes of the header for clients of this family. */
    static int length(boolean v6) {
        return v6 ? V6_BYTES : V4_BYTES;
    }

    /**
     * Writes the header at {@code at}; both addresses are of one family, as the bits of the model.
     *
     * @param stream TCP, else UDP
     * @param destinationHigh with its siblings: what the client asked, the VIP
     * @return its length, {@link #length}
     */
    static int put(
            MemorySegment memory,
            long at,
            boolean stream,
            boolean v6,
            long sourceHigh,
            long sourceLow,
            int sourcePort,
            long destinationHigh,
            long destinationLow,
            int destinationPort) {
        int length = length(v6);
        memory.set(LONG, at, SIGNATURE_HIGH);
        memory.set(INT, at + 8, SIGNATURE_LOW);
        memory.set(JAVA_BYTE, at + 12, VERSION_AND_COMMAND);
        memory.set(JAVA_BYTE, at + 13, (byte) ((v6 ? IPV6 : IPV4) | (stream ? STREAM : DATAGRAM)));
        memory.set(SHORT, at + 14, (short) (length - FIXED_BYTES));
        long next = at + FIXED_BYTES;
        if (v6) {
            memory.set(LONG, next, sourceHigh);
            memory.set(LONG, next + 8, sourceLow);
            memory.set(LONG, next + 16, destinationHigh);
            memory.set(LONG, next + 24, destinationLow);
            next += 32;
        } else {
            memory.set(INT, next, (int) sourceLow);
            memory.set(INT, next + 4, (int) destinationLow);
            next += 8;
        }
        memory.set(SHORT, next, (short) sourcePort);
        memory.set(SHORT, next + 2, (short) destinationPort);
        return length;
    }
}
