package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.offset;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A filter at an interface's clsact qdisc (RTM_NEWTFILTER). Immutable.
 *
 * @param kind e.g. {@code bpf}, {@code flower}
 * @param priority tc(8) calls it pref; lower ones run first
 * @param handle within the priority
 * @param program of a BPF filter, the name that it was given; empty for others
 */
public record TcFilter(TcDirection direction, String kind, int priority, int handle, String program) {
    static final long INDEX = offset(Layouts.TCMSG, "tcm_ifindex");
    static final long PARENT = offset(Layouts.TCMSG, "tcm_parent");
    private static final long HANDLE = offset(Layouts.TCMSG, "tcm_handle");
    private static final long INFO = offset(Layouts.TCMSG, "tcm_info");

    /** TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS or TC_H_MIN_EGRESS). */
    static int parent(TcDirection direction) {
        return switch (direction) {
            case INGRESS -> 0xfffffff2;
            case EGRESS -> 0xfffffff3;
        };
    }

    /** It is Evenkeel's. */
    public boolean ours() {
        return handle == ClsactFilter.HANDLE && priority == ClsactFilter.PRIORITY;
    }

    /** The filter the message describes; null if it cannot be read as one. */
    static @Nullable TcFilter read(NetlinkMessages messages, TcDirection direction) {
        long struct = Layouts.TCMSG.byteSize();
        if (messages.type() != Rtnetlink.RTM_NEWTFILTER || messages.payloadBytes() < struct) return null;
        MemorySegment memory = messages.memory();
        int info = memory.get(JAVA_INT_UNALIGNED, messages.payload() + INFO);
        int handle = memory.get(JAVA_INT_UNALIGNED, messages.payload() + HANDLE);
        String kind = "";
        String program = "";
        NetlinkAttributes attributes = messages.attributes(struct);
        while (attributes.next()) {
            if (attributes.type() == Rtnetlink.TCA_KIND) kind = attributes.text();
            // The kind comes before its options, whose numbers mean something else to each kind.
            if (attributes.type() == Rtnetlink.TCA_OPTIONS && kind.equals("bpf")) program = name(attributes.inside());
        }
        return attributes.broken() ? null : new TcFilter(direction, kind, info >>> 16, handle, program);
    }

    private static String name(NetlinkAttributes options) {
        while (options.next()) {
            if (options.type() == Rtnetlink.TCA_BPF_NAME) return options.text();
        }
        return "";
    }
}
