package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.kernel.KernelCounts.Count;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfProgram;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Packet in, packet, verdict and counters out, through the real programs in the kernel's test run. */
@Needs({Capability.BPF, Capability.CLANG, Capability.LIBBPF})
class KernelProgramsTest {
    private static final int XDP_PASS = 2;
    private static final int TC_ACT_UNSPEC = -1;
    private static final int IPV4 = 0x0800;
    private static final int IPV6 = 0x86dd;
    private static final int ARP = 0x0806;
    private static final int VLAN = 0x8100;
    private static final int PROVIDER_VLAN = 0x88a8;

    @TempDir
    Path directory;

    private KernelObject object;

    @BeforeEach
    void load() {
        object = KernelObject.load(Bpf.load(Bpf.LIBRARY), KernelObject.bytes().orElseThrow(), directory.resolve("log"));
    }

    @AfterEach
    void close() {
        object.close();
    }

    static List<Arguments> packets() {
        List<Arguments> all = new ArrayList<>();
        for (Hook hook : Hook.values()) {
            all.add(Arguments.of(hook, "IPv4", frame(60, IPV4), KernelVerdict.PASS_IPV4));
            all.add(Arguments.of(hook, "IPv6", frame(74, IPV6), KernelVerdict.PASS_IPV6));
            all.add(Arguments.of(hook, "ARP", frame(60, ARP), KernelVerdict.PASS_OTHER));
            all.add(Arguments.of(hook, "one tag", frame(64, VLAN, 7, IPV4), KernelVerdict.PASS_IPV4));
            all.add(Arguments.of(
                    hook, "two tags", frame(68, PROVIDER_VLAN, 9, VLAN, 7, IPV6), KernelVerdict.PASS_IPV6));
            all.add(Arguments.of(
                    hook, "three tags", frame(72, VLAN, 5, VLAN, 6, VLAN, 7, IPV4), KernelVerdict.PASS_OTHER));
            all.add(Arguments.of(hook, "large", frame(1514, IPV4), KernelVerdict.PASS_IPV4));
        }
        // TC never sees a frame that ends with its Ethernet header or its tag: the stack drops it before.
        all.add(Arguments.of(Hook.XDP, "a header alone", frame(14, IPV4), KernelVerdict.PASS_IPV4));
        all.add(Arguments.of(Hook.XDP, "half a tag", frame(16, VLAN, 7), KernelVerdict.PASS_TRUNCATED));
        all.add(Arguments.of(Hook.XDP, "half a second tag", frame(20, VLAN, 7, VLAN, 8), KernelVerdict.PASS_TRUNCATED));
        return all;
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("packets")
    void everyPacketPassesUnchangedAndIsCountedOnce(Hook hook, String what, byte[] packet, KernelVerdict verdict) {
        BpfProgram program = switch (hook) {
            case XDP -> object.xdp();
            case TC -> object.tc();
        };
        BpfProgram.TestRun run = program.testRun(packet, 3);
        assertThat(run.answer()).as(what).isEqualTo(hook == Hook.XDP ? XDP_PASS : TC_ACT_UNSPEC);
        assertThat(run.packet()).isEqualTo(packet);
        for (Hook h : Hook.values()) {
            for (KernelVerdict v : KernelVerdict.values()) {
                long expected = h == hook && v == verdict ? 3 : 0;
                assertThat(object.counts().read(h, v)).as("%s %s", h, v).isEqualTo(new Count(expected, expected));
            }
        }
    }

    /** An Ethernet frame with these 16-bit words behind its addresses, and a pattern behind them. */
    private static byte[] frame(int length, int... words) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = (byte) (i * 7 + 1);
        ByteBuffer frame = ByteBuffer.wrap(bytes);
        frame.put(new byte[] {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2});
        for (int word : words) frame.putShort((short) word);
        return bytes;
    }
}
