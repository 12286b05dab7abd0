package io.evenkeel.linux;

import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;

/**
 * The structures of the kernel and of libbpf that BPF needs, up to the last member we use: the kernel and libbpf take the
 * size we state. A test holds them to the compiler. Immutable.
 */
final class BpfLayouts {
    private BpfLayouts() {}

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    static final StructLayout MAP_INFO = structLayout(
                    INT.withName("type"),
                    INT.withName("id"),
                    INT.withName("key_size"),
                    INT.withName("value_size"),
                    INT.withName("max_entries"),
                    INT.withName("map_flags"),
                    sequenceLayout(BpfCall.NAME_BYTES, BYTE).withName("name"))
            .withName("struct bpf_map_info");

    static final StructLayout PROG_INFO = structLayout(
                    INT.withName("type"),
                    INT.withName("id"),
                    sequenceLayout(8, BYTE).withName("tag"),
                    INT.withName("jited_prog_len"),
                    INT.withName("xlated_prog_len"),
                    paddingLayout(40),
                    sequenceLayout(BpfCall.NAME_BYTES, BYTE).withName("name"),
                    paddingLayout(136),
                    INT.withName("verified_insns"),
                    paddingLayout(12))
            .withName("struct bpf_prog_info");

    /** The context of a test run. */
    static final StructLayout XDP_CONTEXT = structLayout(
                    INT.withName("data"),
                    INT.withName("data_end"),
                    INT.withName("data_meta"),
                    INT.withName("ingress_ifindex"),
                    INT.withName("rx_queue_index"),
                    INT.withName("egress_ifindex"))
            .withName("struct xdp_md");

    /** What lies in the union behind prog_id begins, for XDP and tcx, with the interface. */
    static final StructLayout LINK_INFO = structLayout(
                    INT.withName("type"),
                    INT.withName("id"),
                    INT.withName("prog_id"),
                    paddingLayout(4),
                    INT.withName("xdp.ifindex"),
                    paddingLayout(12))
            .withName("struct bpf_link_info");

    static final StructLayout OBJECT_OPEN_OPTS =
            structLayout(LONG.withName("sz"), LONG.withName("object_name")).withName("struct bpf_object_open_opts");

    static final StructLayout XDP_QUERY_OPTS = structLayout(
                    LONG.withName("sz"),
                    INT.withName("prog_id"),
                    INT.withName("drv_prog_id"),
                    INT.withName("hw_prog_id"),
                    INT.withName("skb_prog_id"),
                    BYTE.withName("attach_mode"),
                    paddingLayout(7))
            .withName("struct bpf_xdp_query_opts");

    static final StructLayout TC_HOOK = structLayout(
                    LONG.withName("sz"),
                    INT.withName("ifindex"),
                    INT.withName("attach_point"),
                    INT.withName("parent"),
                    paddingLayout(4))
            .withName("struct bpf_tc_hook");

    static final StructLayout TC_OPTS = structLayout(
                    LONG.withName("sz"),
                    INT.withName("prog_fd"),
                    INT.withName("flags"),
                    INT.withName("prog_id"),
                    INT.withName("handle"),
                    INT.withName("priority"),
                    paddingLayout(4))
            .withName("struct bpf_tc_opts");

    static final StructLayout BTF_TYPE = structLayout(
                    INT.withName("name_off"), INT.withName("info"), INT.withName("size"))
            .withName("struct btf_type");

    static final StructLayout BTF_MEMBER = structLayout(
                    INT.withName("name_off"), INT.withName("type"), INT.withName("offset"))
            .withName("struct btf_member");

    static final StructLayout BTF_ENUM =
            structLayout(INT.withName("name_off"), INT.withName("val")).withName("struct btf_enum");
}
