package io.evenkeel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Of a long log only the lines that tell why reach an operator. */
class VerifierLogTest {

    @Test
    void aNewKernelsLogGivesSourceInstructionAndComplaint() {
        assertThat(VerifierLog.tellingLines("""
                        libbpf: prog 'p': BPF program load failed: Permission denied
                        libbpf: prog 'p': -- BEGIN PROG LOAD LOG --
                        0: R1=ctx() R10=fp0
                        ; start = (void *)(long)ctx->data; @ p.bpf.c:11
                        0: (61) r1 = *(u32 *)(r1 +0)          ; R1=pkt(r=0)
                        ; return start[30]; @ p.bpf.c:13
                        1: (71) r1 = *(u8 *)(r1 +30) ; R1=pkt(r=0)
                        invalid access to packet, off=30 size=1, R1(id=0,off=30,r=0)
                        R1 offset is outside of the packet
                        processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
                        -- END PROG LOAD LOG --
                        libbpf: prog 'p': failed to load: -13
                        libbpf: failed to load object 'p'
                        """))
                .containsExactly(
                        "; return start[30]; @ p.bpf.c:13",
                        "1: (71) r1 = *(u8 *)(r1 +30)",
                        "invalid access to packet, off=30 size=1, R1(id=0,off=30,r=0)",
                        "R1 offset is outside of the packet");
    }

    @Test
    void anOlderKernelsLogToo() {
        assertThat(VerifierLog.tellingLines("""
                        libbpf: prog 'q': -- BEGIN PROG LOAD LOG --
                        Validating q() func#0...
                        0: R1=ctx(id=0,off=0,imm=0) R10=fp0
                        ; for (;;)
                        3: (05) goto pc-1
                        from 3 to 3: R0=inv0 R1=ctx(id=0,off=0,imm=0) R10=fp0
                        ; for (;;)
                        3: (05) goto pc-1
                        infinite loop detected at insn 3
                        verification time 41 usec
                        stack depth 0
                        processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0
                        -- END PROG LOAD LOG --
                        """))
                .containsExactly("; for (;;)", "3: (05) goto pc-1", "infinite loop detected at insn 3");
    }

    @Test
    void aProgramThatIsTooComplexSaysSo() {
        assertThat(VerifierLog.tellingLines("""
                        libbpf: prog 'r': -- BEGIN PROG LOAD LOG --
                        last_idx 8 first_idx 0 subseq_idx -1
                        9: (b7) r0 = 1
                        BPF program is too large. Processed 1000001 insn
                        processed 1000001 insns (limit 1000000) max_states_per_insn 4 total_states 9 peak_states 9
                        -- END PROG LOAD LOG --
                        """))
                .containsExactly("9: (b7) r0 = 1", "BPF program is too large. Processed 1000001 insn");
    }

    @Test
    void theLogOfTheProgramThatFailedLastIsTheOneThatTells() {
        assertThat(VerifierLog.tellingLines("""
                        -- BEGIN PROG LOAD LOG --
                        1: (95) exit
                        first
                        -- END PROG LOAD LOG --
                        -- BEGIN PROG LOAD LOG --
                        2: (95) exit
                        second
                        -- END PROG LOAD LOG --
                        """)).containsExactly("2: (95) exit", "second");
    }

    @Test
    void whereTheVerifierSaidNothingTheLastWordsOfLibbpfTell() {
        assertThat(VerifierLog.tellingLines(
                        "libbpf: map 'm': failed to create: Invalid argument(-22)\n\nlibbpf: done\n"))
                .containsExactly("map 'm': failed to create: Invalid argument(-22)", "done");
        assertThat(VerifierLog.tellingLines("")).isEmpty();
    }

    @Test
    void aLongComplaintIsCutToItsEnd() {
        String lines = "-- BEGIN PROG LOAD LOG --\n7: (95) exit\n" + "and so on\n".repeat(100_000) + "the end\n";
        assertThat(VerifierLog.tellingLines(lines)).hasSize(7).first().isEqualTo("7: (95) exit");
        assertThat(VerifierLog.tellingLines(lines)).last().isEqualTo("the end");
    }
}
