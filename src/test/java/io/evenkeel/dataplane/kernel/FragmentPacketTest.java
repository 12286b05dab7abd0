package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.BpfProgram.TestRun;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fragments on the real program: one realserver and one turn for all of a datagram, in any order. */
@Needs({Capability.ROOT, Capability.CLANG, Capability.LIBBPF})
class FragmentPacketTest {
    private static final int FIRST = 0x2000; // more fragments, offset 0
    private static final int MIDDLE = 0x2004;
    private static final int LAST = 0x0008;
    private static final int PASS = 2;
    private static final int REDIRECT = 4;

    @TempDir
    Path directory;

    private ProgramRig rig;

    @BeforeEach
    void load() {
        rig = ProgramRig.load(directory);
        rig.commit(ProgramRig.service(0, "198.18.0.2:514", 1, 1, 1));
    }

    @AfterEach
    void unload() {
        rig.close();
    }

    @Test
    void allOfADatagramGoesToOneRealserverForOneTurn() {
        assertThat(rig.run(piece(FIRST, 1)).packet()).isEqualTo(whole(FIRST, 1, 1));
        assertThat(rig.run(piece(MIDDLE, 1)).packet()).isEqualTo(later(MIDDLE, 1, 1));
        assertThat(rig.run(piece(LAST, 1)).packet()).isEqualTo(later(LAST, 1, 1));
        assertThat(rig.run(piece(FIRST, 2)).packet()).isEqualTo(whole(FIRST, 2, 2));
        assertThat(rig.run(piece(LAST, 1)).packet())
                .as("of the first datagram still")
                .isEqualTo(later(LAST, 1, 1));
        assertThat(rig.run(piece(LAST, 2)).packet()).isEqualTo(later(LAST, 2, 2));
        ServiceCounters counters = rig.counters(0, 3);
        assertThat(counters.received()).as("datagrams").isEqualTo(2);
        assertThat(counters.forwarded()).isEqualTo(2);
        assertThat(counters.imbalance()).isZero();
    }

    @Test
    void theOrderDoesNotMatterWhereTheAddressSaysEnough() {
        assertThat(rig.run(piece(LAST, 1)).packet()).isEqualTo(later(LAST, 1, 1));
        assertThat(rig.run(piece(FIRST, 2)).packet()).isEqualTo(whole(FIRST, 2, 2));
        assertThat(rig.run(piece(MIDDLE, 1)).packet()).isEqualTo(later(MIDDLE, 1, 1));
        assertThat(rig.run(piece(FIRST, 1)).packet()).isEqualTo(whole(FIRST, 1, 1));
        assertThat(rig.counters(0, 3).received()).isEqualTo(2);
    }

    @Test
    void whereTwoServicesStandAtTheAddressALaterFragmentThatComesFirstPassesUp() {
        rig.commit(ProgramRig.service(0, "198.18.0.2:514", 1, 1, 1), ProgramRig.service(1, "198.18.0.2:515", 1, 1, 1));
        Frame last = piece(LAST, 1);
        TestRun run = rig.run(last);
        assertThat(run.answer()).isEqualTo(PASS);
        assertThat(run.packet()).isEqualTo(last.bytes());
        rig.run(piece(FIRST, 1));
        assertThat(rig.run(last).answer()).as("after the first").isEqualTo(REDIRECT);
    }

    @Test
    void theRestOfADatagramIsLostWithItsRealserver() {
        rig.run(piece(FIRST, 1));
        rig.flip(new ServerFlip(0, 0, Usability.SHUT, 1));
        assertThat(rig.run(piece(LAST, 1)).answer()).as("dropped").isEqualTo(1);
        assertThat(rig.counters(0, 3).imbalance()).isZero();
    }

    private static Frame piece(int bits, int source) {
        return new Frame().fragment(bits).from("198.18.0." + (10 + source) + ":40000");
    }

    /** A first fragment, rewritten: with the port and the checksum. */
    private static byte[] whole(int bits, int source, int server) {
        return piece(bits, source)
                .to("198.18.1." + server + ":6514")
                .hops(63)
                .macs("02:00:00:00:01:0" + server, "02:00:00:00:00:07")
                .bytes();
    }

    /** A later one: where a first has ports and checksum it has payload, which stays. */
    private static byte[] later(int bits, int source, int server) {
        byte[] frame = whole(bits, source, server);
        byte[] before = piece(bits, source).bytes();
        System.arraycopy(before, 34, frame, 34, before.length - 34);
        return frame;
    }
}
