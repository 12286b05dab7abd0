package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.INT_BE;
import static io.evenkeel.linux.Layouts.LONG_BE;
import static io.evenkeel.linux.Layouts.offset;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.MemorySegment;

/**
 * Writes one request into memory: the header, the structure of its type, the attributes. Pure; owned by one thread. A
 * request that does not fit the memory is a bug and throws.
 */
final class NetlinkRequest {
    /** More than any request of this room needs. */
    static final int BYTES = 256;

    private static final long TYPE = offset(Layouts.NLMSGHDR, "nlmsg_type");
    private static final long FLAGS = offset(Layouts.NLMSGHDR, "nlmsg_flags");
    private static final long SEQUENCE = offset(Layouts.NLMSGHDR, "nlmsg_seq");

    private final MemorySegment memory;
    private long end;

    /** Begins a request: {@code structBytes} zeros follow the header. */
    NetlinkRequest(MemorySegment memory, int type, int flags, int sequence, long structBytes) {
        this.memory = memory;
        memory.fill((byte) 0);
        memory.set(JAVA_SHORT_UNALIGNED, TYPE, (short) type);
        memory.set(JAVA_SHORT_UNALIGNED, FLAGS, (short) flags);
        memory.set(JAVA_INT_UNALIGNED, SEQUENCE, sequence);
        grow(NetlinkMessages.HEADER + structBytes);
    }

    private void grow(long to) {
        end = Rtnetlink.aligned(to);
        memory.set(JAVA_INT_UNALIGNED, 0, (int) end);
    }

    /** Where the structure begins. */
    static long struct() {
        return NetlinkMessages.HEADER;
    }

    /** Adds a number of 32 bits. */
    NetlinkRequest number(int attribute, int value) {
        long at = attribute(attribute, 4);
        memory.set(JAVA_INT_UNALIGNED, at, value);
        return this;
    }

    /** Adds a text with the zero byte that ends it; ASCII. */
    NetlinkRequest text(int attribute, String value) {
        byte[] bytes = value.getBytes(US_ASCII);
        long at = attribute(attribute, bytes.length + 1L);
        MemorySegment.copy(bytes, 0, memory, JAVA_BYTE, at, bytes.length);
        return this;
    }

    /** Adds an address, 4 or 16 bytes. */
    NetlinkRequest address(int attribute, NumericAddress value) {
        long at = attribute(attribute, value.bytes());
        if (value.v6()) {
            memory.set(LONG_BE, at, value.high());
            memory.set(LONG_BE, at + 8, value.low());
        } else {
            memory.set(INT_BE, at, (int) value.low());
        }
        return this;
    }

    /** Adds ifa_cacheinfo with the two lifetimes, {@link Address#FOREVER} or seconds. */
    NetlinkRequest lifetimes(int preferredSeconds, int validSeconds) {
        long at = attribute(Rtnetlink.IFA_CACHEINFO, Layouts.IFA_CACHEINFO.byteSize());
        memory.set(JAVA_INT_UNALIGNED, at, preferredSeconds);
        memory.set(JAVA_INT_UNALIGNED, at + 4, validSeconds);
        return this;
    }

    private long attribute(int type, long valueBytes) {
        long header = end;
        memory.set(JAVA_SHORT_UNALIGNED, header, (short) (4 + valueBytes));
        memory.set(JAVA_SHORT_UNALIGNED, header + 2, (short) type);
        grow(header + 4 + valueBytes);
        return header + 4;
    }

    /** Length of the whole request. */
    long bytes() {
        return end;
    }
}
