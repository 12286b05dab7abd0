package io.evenkeel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every number of bpf(2) and of libbpf that this room writes down agrees with the C compiler of the machine. */
@Needs({Capability.GCC, Capability.CLANG})
class BpfLayoutTest {
    private static final String HEADERS = """
            #include <stdio.h>
            #include <stddef.h>
            #include <linux/bpf.h>
            #include <linux/if_link.h>
            #include <bpf/btf.h>
            #include <bpf/libbpf.h>
            #include <sys/syscall.h>
            """;

    @TempDir
    Path directory;

    @Test
    void structuresAndConstantsAreTheCompilers() throws Exception {
        Map<String, Long> ours = new TreeMap<>(attributes());
        for (Field field : BpfLayouts.class.getDeclaredFields()) {
            if (field.getType() == StructLayout.class) describe((StructLayout) field.get(null), ours);
        }
        assertThat(ours).hasSizeGreaterThan(120);
        Map<String, Long> compilers =
                CompilerFacts.of(HEADERS, ours.keySet().stream().toList(), directory);
        ours.forEach((expression, value) -> assertThat(compilers).as(expression).containsEntry(expression, value));
    }

    /** The kernel and libbpf take the size that is stated, so ours may end earlier than theirs: only members are held. */
    private static void describe(StructLayout struct, Map<String, Long> into) {
        String name = struct.name().orElseThrow();
        for (MemoryLayout member : struct.memberLayouts()) {
            if (member.name().isEmpty()) continue;
            String field = member.name().get();
            into.put("offsetof(" + name + ", " + field + ")", Layouts.offset(struct, field));
            into.put("sizeof(((" + name + " *)0)->" + field + ")", member.byteSize());
        }
    }

    private static Map<String, Long> attributes() {
        Map<String, Long> ours = new TreeMap<>();
        commands(ours);
        ours.put("sizeof(struct bpf_xdp_query_opts)", BpfLayouts.XDP_QUERY_OPTS.byteSize());
        ours.put("sizeof(struct bpf_tc_hook)", BpfLayouts.TC_HOOK.byteSize());
        ours.put("sizeof(struct bpf_tc_opts)", BpfLayouts.TC_OPTS.byteSize());
        ours.put("sizeof(struct btf_type)", BpfLayouts.BTF_TYPE.byteSize());
        ours.put("sizeof(struct btf_member)", BpfLayouts.BTF_MEMBER.byteSize());
        ours.put("sizeof(struct btf_enum)", BpfLayouts.BTF_ENUM.byteSize());
        offset(ours, "map_fd", BpfCall.ELEM_MAP);
        offset(ours, "key", BpfCall.ELEM_KEY);
        offset(ours, "value", BpfCall.ELEM_VALUE);
        offset(ours, "flags", BpfCall.ELEM_FLAGS);
        offset(ours, "batch.in_batch", BpfCall.BATCH_IN);
        offset(ours, "batch.out_batch", BpfCall.BATCH_OUT);
        offset(ours, "batch.keys", BpfCall.BATCH_KEYS);
        offset(ours, "batch.values", BpfCall.BATCH_VALUES);
        offset(ours, "batch.count", BpfCall.BATCH_COUNT);
        offset(ours, "batch.map_fd", BpfCall.BATCH_MAP);
        offset(ours, "prog_type", BpfCall.LOAD_TYPE);
        offset(ours, "insn_cnt", BpfCall.LOAD_COUNT);
        offset(ours, "insns", BpfCall.LOAD_INSTRUCTIONS);
        offset(ours, "license", BpfCall.LOAD_LICENSE);
        offset(ours, "pathname", BpfCall.PIN_PATH);
        offset(ours, "bpf_fd", BpfCall.PIN_FD);
        offset(ours, "test.prog_fd", BpfCall.TEST_PROGRAM);
        offset(ours, "test.ctx_size_in", BpfCall.TEST_CONTEXT_SIZE);
        offset(ours, "test.ctx_in", BpfCall.TEST_CONTEXT);
        ours.put("sizeof(struct xdp_md)", BpfLayouts.XDP_CONTEXT.byteSize());
        offset(ours, "test.retval", BpfCall.TEST_ANSWER);
        offset(ours, "test.data_size_in", BpfCall.TEST_SIZE_IN);
        offset(ours, "test.data_size_out", BpfCall.TEST_SIZE_OUT);
        offset(ours, "test.data_in", BpfCall.TEST_DATA_IN);
        offset(ours, "test.data_out", BpfCall.TEST_DATA_OUT);
        offset(ours, "test.repeat", BpfCall.TEST_REPEAT);
        offset(ours, "test.duration", BpfCall.TEST_DURATION);
        offset(ours, "prog_id", BpfCall.BY_ID);
        offset(ours, "info.bpf_fd", BpfCall.INFO_FD);
        offset(ours, "info.info_len", BpfCall.INFO_LENGTH);
        offset(ours, "info.info", BpfCall.INFO_INTO);
        offset(ours, "query.target_fd", BpfCall.QUERY_TARGET);
        offset(ours, "query.attach_type", BpfCall.QUERY_TYPE);
        offset(ours, "query.prog_ids", BpfCall.QUERY_IDS);
        offset(ours, "query.prog_cnt", BpfCall.QUERY_COUNT);
        offset(ours, "link_create.prog_fd", BpfCall.LINK_PROGRAM);
        offset(ours, "link_create.target_ifindex", BpfCall.LINK_TARGET);
        offset(ours, "link_create.attach_type", BpfCall.LINK_TYPE);
        offset(ours, "link_create.flags", BpfCall.LINK_FLAGS);
        offset(ours, "link_update.link_fd", BpfCall.UPDATE_LINK);
        offset(ours, "link_update.new_prog_fd", BpfCall.UPDATE_PROGRAM);
        offset(ours, "link_detach.link_fd", BpfCall.DETACH_LINK);
        offset(ours, "start_id", BpfCall.NEXT_AFTER);
        offset(ours, "next_id", BpfCall.NEXT_ID);
        return ours;
    }

    private static void offset(Map<String, Long> ours, String member, long offset) {
        ours.put("offsetof(union bpf_attr, " + member + ")", offset);
    }

    private static void commands(Map<String, Long> ours) {
        Map<String, Integer> numbers = Map.ofEntries(
                Map.entry("BPF_MAP_LOOKUP_ELEM", BpfCall.MAP_LOOKUP_ELEM),
                Map.entry("BPF_MAP_UPDATE_ELEM", BpfCall.MAP_UPDATE_ELEM),
                Map.entry("BPF_MAP_DELETE_ELEM", BpfCall.MAP_DELETE_ELEM),
                Map.entry("BPF_PROG_LOAD", BpfCall.PROG_LOAD),
                Map.entry("BPF_OBJ_PIN", BpfCall.OBJ_PIN),
                Map.entry("BPF_OBJ_GET", BpfCall.OBJ_GET),
                Map.entry("BPF_PROG_TEST_RUN", BpfCall.PROG_TEST_RUN),
                Map.entry("BPF_PROG_GET_FD_BY_ID", BpfCall.PROG_GET_FD_BY_ID),
                Map.entry("BPF_OBJ_GET_INFO_BY_FD", BpfCall.OBJ_GET_INFO_BY_FD),
                Map.entry("BPF_PROG_QUERY", BpfCall.PROG_QUERY),
                Map.entry("BPF_MAP_LOOKUP_BATCH", BpfCall.MAP_LOOKUP_BATCH),
                Map.entry("BPF_MAP_UPDATE_BATCH", BpfCall.MAP_UPDATE_BATCH),
                Map.entry("BPF_MAP_DELETE_BATCH", BpfCall.MAP_DELETE_BATCH),
                Map.entry("BPF_LINK_CREATE", BpfCall.LINK_CREATE),
                Map.entry("BPF_LINK_UPDATE", BpfCall.LINK_UPDATE),
                Map.entry("BPF_TC_F_REPLACE", ClsactFilter.REPLACE),
                Map.entry("BPF_LINK_DETACH", BpfCall.LINK_DETACH),
                Map.entry("BPF_LINK_GET_FD_BY_ID", BpfCall.LINK_GET_FD_BY_ID),
                Map.entry("BPF_LINK_GET_NEXT_ID", BpfCall.LINK_GET_NEXT_ID),
                Map.entry("BPF_OBJ_NAME_LEN", BpfCall.NAME_BYTES),
                Map.entry("SYS_bpf", (int) BpfCall.systemCall()),
                Map.entry("BPF_ANY", BpfMap.ANY),
                Map.entry("BPF_NOEXIST", BpfMap.NEW_ONLY),
                Map.entry("BPF_EXIST", BpfMap.OLD_ONLY),
                Map.entry("BPF_MAP_TYPE_PERCPU_HASH", BpfMap.PERCPU_HASH),
                Map.entry("BPF_MAP_TYPE_PERCPU_ARRAY", BpfMap.PERCPU_ARRAY),
                Map.entry("BPF_MAP_TYPE_LRU_PERCPU_HASH", BpfMap.LRU_PERCPU_HASH),
                Map.entry("BPF_PROG_TYPE_XDP", BpfTrial.XDP),
                Map.entry("BPF_XDP", BpfLink.ATTACH_XDP),
                Map.entry("XDP_FLAGS_DRV_MODE", BpfLink.NATIVE),
                Map.entry("BPF_TC_INGRESS", TcDirection.INGRESS.attachPoint()),
                Map.entry("BPF_TC_EGRESS", TcDirection.EGRESS.attachPoint()),
                Map.entry("BTF_KIND_STRUCT", BpfTypes.KIND_STRUCT),
                Map.entry("BTF_KIND_ENUM", BpfTypes.KIND_ENUM));
        numbers.forEach((name, value) -> ours.put(name, (long) value));
    }
}
