package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.offset;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * Walks the messages of one received block (netlink(7)). It never leaves the block, whatever stands in it: an impossible
 * length ends the walk and makes it {@link #broken}. Owned by one thread.
 */
final class NetlinkMessages {
    static final long HEADER = Layouts.NLMSGHDR.byteSize();
    private static final long TYPE = offset(Layouts.NLMSGHDR, "nlmsg_type");
    private static final long FLAGS = offset(Layouts.NLMSGHDR, "nlmsg_flags");
    private static final long SEQUENCE = offset(Layouts.NLMSGHDR, "nlmsg_seq");

    private final MemorySegment memory;
    private final long end;
    private long next;
    private long at;
    private long length;
    private boolean broken;

    /** @param bytes how much of {@code memory} was received */
    NetlinkMessages(MemorySegment memory, long bytes) {
        this.memory = memory;
        this.end = bytes;
    }

    /** Steps to the next message; false at the end. */
    boolean next() {
        if (next >= end || broken) return false;
        if (end - next < HEADER) return stop();
        long claimed = Integer.toUnsignedLong(memory.get(JAVA_INT_UNALIGNED, next));
        if (claimed < HEADER || claimed > end - next) return stop();
        at = next;
        length = claimed;
        next += Rtnetlink.aligned(claimed);
        return true;
    }

    private boolean stop() {
        broken = true;
        return false;
    }

    /** The walk ended at an impossible length. */
    boolean broken() {
        return broken;
    }

    int type() {
        return Short.toUnsignedInt(memory.get(JAVA_SHORT_UNALIGNED, at + TYPE));
    }

    int flags() {
        return Short.toUnsignedInt(memory.get(JAVA_SHORT_UNALIGNED, at + FLAGS));
    }

    int sequence() {
        return memory.get(JAVA_INT_UNALIGNED, at + SEQUENCE);
    }

    MemorySegment memory() {
        return memory;
    }

    /** Where the message's own structure begins. */
    long payload() {
        return at + HEADER;
    }

    long payloadBytes() {
        return length - HEADER;
    }

    /** The attributes behind a structure of {@code structBytes}; broken if the message is too short for it. */
    NetlinkAttributes attributes(long structBytes) {
        long from = payload() + Rtnetlink.aligned(structBytes);
        return new NetlinkAttributes(memory, Math.min(from, at + length), at + length, payloadBytes() < structBytes);
    }
}
