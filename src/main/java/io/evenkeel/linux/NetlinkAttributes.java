package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.INT_BE;
import static io.evenkeel.linux.Layouts.LONG_BE;
import static io.evenkeel.linux.Layouts.SHORT_BE;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Walks the attributes of a message, or those inside an attribute. It never leaves them: an impossible length ends the
 * walk, a value that is too short for what is read from it reads as 0, and both make it {@link #broken}. Owned by one
 * thread.
 */
final class NetlinkAttributes {
    private static final long HEADER = Layouts.RTATTR.byteSize();
    private static final int MAX_TEXT = 256;

    private final MemorySegment memory;
    private final long end;
    private long next;
    private int type;
    private long at;
    private int bytes;
    private boolean broken;

    NetlinkAttributes(MemorySegment memory, long from, long end, boolean broken) {
        this.memory = memory;
        this.next = from;
        this.end = end;
        this.broken = broken;
    }

    /** Steps to the next attribute; false at the end. */
    boolean next() {
        if (broken || next >= end) return false;
        if (end - next < HEADER) return stop();
        int claimed = Short.toUnsignedInt(memory.get(JAVA_SHORT_UNALIGNED, next));
        if (claimed < HEADER || claimed > end - next) return stop();
        type = memory.get(JAVA_SHORT_UNALIGNED, next + 2) & Rtnetlink.ATTRIBUTE_TYPE;
        at = next + HEADER;
        bytes = (int) (claimed - HEADER);
        next += Rtnetlink.aligned(claimed);
        return true;
    }

    private boolean stop() {
        broken = true;
        return false;
    }

    /** Something in it was impossible. */
    boolean broken() {
        return broken;
    }

    int type() {
        return type;
    }

    /** Where the value begins. */
    long at() {
        return at;
    }

    /** Length of the value, ≥ 0. */
    int bytes() {
        return bytes;
    }

    /** The value as a number of 32 bits. */
    int number() {
        if (bytes >= 4) return memory.get(JAVA_INT_UNALIGNED, at);
        broken = true;
        return 0;
    }

    /** The value as a number of 16 bits, 0..65535. */
    int shortNumber() {
        if (bytes >= 2) return Short.toUnsignedInt(memory.get(JAVA_SHORT_UNALIGNED, at));
        broken = true;
        return 0;
    }

    /** The value as a number of 8 bits, 0..255. */
    int octet() {
        if (bytes >= 1) return Byte.toUnsignedInt(memory.get(JAVA_BYTE, at));
        broken = true;
        return 0;
    }

    /** The value as a hardware address of 6 bytes in the low 48 bits; 0 if it has another length, as tunnels have. */
    long mac() {
        if (bytes != 6) return 0;
        long high = Short.toUnsignedLong(memory.get(SHORT_BE, at));
        return high << 32 | Integer.toUnsignedLong(memory.get(INT_BE, at + 2));
    }

    /** The value as text up to a zero byte, at most 256 bytes. */
    String text() {
        int length = 0;
        while (length < Math.min(bytes, MAX_TEXT) && memory.get(JAVA_BYTE, at + length) != 0) length++;
        byte[] copy = new byte[length];
        MemorySegment.copy(memory, JAVA_BYTE, at, copy, 0, length);
        return new String(copy, UTF_8);
    }

    /** The value as an address of {@code family}; null, and broken, if it is none. */
    @Nullable
    NumericAddress address(int family) {
        return address(family, at, bytes);
    }

    /** RTA_VIA: an address with its family in front (rtnetlink.h, struct rtvia). */
    @Nullable
    NumericAddress via() {
        if (bytes >= 2) return address(memory.get(JAVA_SHORT_UNALIGNED, at), at + 2, bytes - 2);
        broken = true;
        return null;
    }

    private @Nullable NumericAddress address(int family, long from, int length) {
        if (family == SocketAddress.AF_INET && length == 4) {
            return new NumericAddress(false, 0, Integer.toUnsignedLong(memory.get(INT_BE, from)));
        }
        if (family == SocketAddress.AF_INET6 && length == 16) {
            return new NumericAddress(true, memory.get(LONG_BE, from), memory.get(LONG_BE, from + 8));
        }
        broken = true;
        return null;
    }

    /** The attributes inside this one. What is impossible in them must be asked of them. */
    NetlinkAttributes inside() {
        return new NetlinkAttributes(memory, at, at + bytes, false);
    }
}
