package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.BpfProgram.TestRun;
import io.evenkeel.model.Scheduling;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever comes in: never an abort, every packet has one outcome, and explaining tells it and changes nothing. */
@Needs({Capability.ROOT, Capability.NETNS, Capability.CLANG, Capability.LIBBPF})
class RandomPacketTest {
    private static final int SERVICES = 9;
    private static final int SERVERS = 3;
    private static final Duration LONG_ENOUGH = Duration.ofSeconds(8);
    private static final int MOST = 300_000;

    /** Of those the program answers the client itself, or not when it has said so often enough. */
    private static final Set<DropReason> ANSWERED =
            Set.of(DropReason.NO_REALSERVER, DropReason.OVERLOADED, DropReason.TTL_EXPIRED, DropReason.TOO_BIG);

    @TempDir
    static Path directory;

    private static ClientNet net;
    private static ProgramRig rig;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @BeforeAll
    static void load() {
        net = new ClientNet();
        rig = ProgramRig.load(directory).in(net);
    }

    @AfterAll
    static void unload() {
        rig.close();
        net.close();
    }

    @BeforeEach
    void serve() {
        System.out.println("seed " + seed);
        rig.reset();
        Duration life = Duration.ofSeconds(30);
        rig.commit(
                new Serving(0, "198.18.0.2:514").onePacket(),
                new Serving(1, "198.18.0.2:514").tcp().by(new Scheduling.WeightedLeastConnection()),
                new Serving(2, "198.18.0.2:515").port(6_515).life(life).thresholds(6, 3),
                new Serving(3, "198.18.0.2:516").port(6_516).onePacket().persistent(life, 24),
                new Serving(4, "[2001:db8::2]:514").onePacket().by(new Scheduling.Maglev(true, true)),
                new Serving(5, "[2001:db8::2]:514").tcp().persistent(life, 64),
                new Serving(6, "[2001:db8::2]:515").port(6_515).life(life),
                new Serving(7, "[2001:db8::2]:516").port(6_515).life(life).onePacket(), // shares with 6
                new Serving(8, "[2001:db8::2]:517").tcp().direct().port(6_517));
    }

    private static final int[] FLAGS = {
        Frame.SYN, Frame.SYN, Frame.SYN | Frame.ACK, Frame.ACK, Frame.FIN | Frame.ACK, Frame.RST, 0, 255
    };

    /** A packet that is right as it is, or oddly made. */
    private Frame frame() {
        boolean v6 = random.nextBoolean();
        String client = (v6
                        ? "[2001:db8::" + (1 + 2 * random.nextInt(2)) + "]:"
                        : "198.18.0." + (1 + 2 * random.nextInt(2)) + ":")
                + (40_000 + random.nextInt(24));
        Frame frame = new Frame();
        if (random.nextInt(3) == 0) {
            int port = 6_514 + random.nextInt(4);
            frame.from(Serving.endpoint(v6, random.nextInt(4), port)).to(client);
        } else {
            frame.from(client).to((v6 ? "[2001:db8::2]:" : "198.18.0.2:") + (514 + random.nextInt(5)));
        }
        if (random.nextBoolean()) frame.tcp(FLAGS[random.nextInt(FLAGS.length)]).tcpOptions(random.nextInt(11));
        if (random.nextInt(4) == 0) frame.payload(new byte[random.nextInt(1_600)]);
        if (random.nextInt(8) == 0) frame.hops(random.nextInt(4));
        if (random.nextInt(8) == 0) frame.withoutChecksum();
        if (random.nextInt(8) == 0) frame.trailer(random.nextInt(40));
        if (random.nextInt(12) == 0) frame.ipLengthMore(random.nextInt(-70, 70));
        if (random.nextInt(12) == 0) frame.udpLengthMore(random.nextInt(-40, 40));
        if (random.nextInt(12) == 0) frame.protocol(new int[] {1, 4, 41, 47, 50, 58, 59, 132}[random.nextInt(8)]);
        if (!v6 && random.nextInt(6) == 0) frame.options(random.nextInt(11));
        if (!v6 && random.nextInt(8) == 0) frame.fragment(random.nextInt(1 << 16));
        for (int i = v6 ? random.nextInt(8) - 3 : 0; i > 0; i--) {
            switch (random.nextInt(4)) {
                case 0 -> frame.fragmentHeader(random.nextInt(1 << 16));
                case 1 -> frame.routing(random.nextInt(2));
                default ->
                    frame.extension(
                            random.nextBoolean() ? Frame.HOP_BY_HOP : Frame.DESTINATION_OPTIONS, 1 + random.nextInt(4));
            }
        }
        return frame;
    }

    /** And some octets of it changed, or the rest cut off. */
    private byte[] packet() {
        byte[] bytes = frame().bytes();
        int headers = Math.min(bytes.length, 110);
        for (int i = random.nextInt(6) - 2; i > 0; i--) {
            int at = random.nextInt(8) == 0 ? random.nextInt(14) : 14 + random.nextInt(headers - 14);
            if (random.nextBoolean()) bytes[at] ^= (byte) (1 << random.nextInt(8));
            else bytes[at] = (byte) random.nextInt(256);
        }
        if (random.nextInt(8) == 0) return Arrays.copyOf(bytes, random.nextInt(14, bytes.length + 1));
        return bytes;
    }

    private long passed() {
        long sum = 0;
        for (PassReason each : PassReason.values()) sum += rig.passed(each);
        return sum;
    }

    private void assertLaws(String what) {
        for (int slot = 0; slot < SERVICES; slot++) {
            assertThat(rig.counters(slot, SERVERS).imbalance())
                    .as("%s, service %d", what, slot)
                    .isZero();
            for (int i = 0; i < SERVERS; i++) {
                int number = rig.number(slot, i);
                long its = rig.flows().stream()
                        .filter(flow -> flow.owner() == number)
                        .filter(flow -> flow.state() != FlowState.NOTE && flow.state() != FlowState.TEMPLATE)
                        .count();
                assertThat(rig.load(number, "active") + rig.load(number, "inactive"))
                        .as("%s, load of %d/%d", what, slot, i)
                        .isEqualTo(its);
                assertThat(rig.load(number, "active")).as(what).isNotNegative();
                assertThat(rig.load(number, "inactive")).as(what).isNotNegative();
            }
        }
    }

    @Test
    void nothingThatComesInAbortsTheProgramOrIsCountedTwice() {
        long end = System.nanoTime() + LONG_ENOUGH.toNanos();
        int[] answers = new int[5];
        net.in(() -> {
            for (int n = 0; n < MOST && System.nanoTime() < end; n++) {
                byte[] packet = packet();
                TestRun run = rig.runHere(packet);
                assertThat(run.answer())
                        .as("packet %d, seed %d", n, seed)
                        .isBetween(ProgramRig.DROP, ProgramRig.REDIRECT);
                answers[run.answer()]++;
                if (run.answer() == ProgramRig.PASS) {
                    assertThat(run.packet()).as("packet %d, seed %d", n, seed).isEqualTo(packet);
                }
                if (n % 4_096 == 0) rig.ageAll(Duration.ofSeconds(random.nextInt(100)));
            }
            return null;
        });
        System.out.println("answers " + Arrays.toString(answers));
        assertLaws("seed " + seed);
        for (int answer : new int[] {ProgramRig.DROP, ProgramRig.PASS, ProgramRig.REDIRECT}) {
            assertThat(answers[answer]).as("runs that came to %d", answer).isGreaterThan(1_000);
        }
        rig.ageAll(Duration.ofSeconds(1_000));
        rig.sweep();
        assertThat(rig.flows()).isEmpty();
        assertLaws("swept, seed " + seed);
    }

    /** Explained, then done: the same outcome, and until it is done nothing has changed. */
    @Test
    void whatIsExplainedIsWhatTheNextRunDoesAndChangesNothing() {
        for (int n = 0; n < 3_000; n++) {
            byte[] packet = packet();
            if (isPieceOrError(packet)) continue;
            String what = "packet " + n + ", seed " + seed;
            List<byte[]> before = rig.everything();
            Explained told = rig.explain(packet);
            int outcome = rig.explained("outcome");
            List<byte[]> after = rig.everything();
            for (int i = 0; i < before.size(); i++)
                assertThat(after.get(i)).as("%s, map %d", what, i).isEqualTo(before.get(i));
            long up = passed();
            TestRun run = rig.run(packet);
            assertDone(
                    told,
                    outcome,
                    packet,
                    run,
                    up,
                    what + ", " + told + ", " + HexFormat.of().formatHex(packet));
            if (n % 512 == 0) rig.ageAll(Duration.ofSeconds(random.nextInt(100)));
        }
        assertLaws("seed " + seed);
    }

    /** What nobody can ask for: a piece of a datagram follows the others, and an error what it quotes. */
    private static boolean isPieceOrError(byte[] packet) {
        boolean v6 = packet.length > 13 && packet[12] == (byte) 0x86 && packet[13] == (byte) 0xdd;
        if (packet.length < 24) return false;
        if (!v6) return ((packet[20] & 0x3f) | packet[21]) != 0 || packet[23] == 1;
        int next = packet[20];
        for (int at = 54; at + 8 <= packet.length && (next == 0 || next == 43 || next == 60); ) {
            next = packet[at];
            at += 8 + 8 * (packet[at + 1] & 0xff);
        }
        return next == 44 || next == 58;
    }

    private void assertDone(Explained told, int outcome, byte[] packet, TestRun run, long up, String what) {
        switch (told) {
            case Explained.Passed(PassReason _) -> {
                assertThat(run.answer()).as(what).isEqualTo(ProgramRig.PASS);
                assertThat(passed()).as(what).isEqualTo(up + 1);
            }
            case Explained.Dropped dropped -> {
                if (run.answer() == ProgramRig.TX) assertThat(ANSWERED).as(what).contains(dropped.reason());
                else assertThat(run.answer()).as("%s, %s", what, dropped).isEqualTo(ProgramRig.DROP);
            }
            case Explained.Forwarded forwarded -> {
                assertThat(run.answer()).as(what).isEqualTo(ProgramRig.REDIRECT);
                assertThat(rig.number(forwarded.service(), run.packet()[5] - 1))
                        .as(what)
                        .isEqualTo(forwarded.server());
            }
            case Explained.Replied _ -> {
                boolean byStack = outcome == Explained.REPLIED_BY_STACK;
                assertThat(run.answer()).as(what).isEqualTo(byStack ? ProgramRig.PASS : ProgramRig.REDIRECT);
            }
        }
        if (run.answer() == ProgramRig.PASS) assertThat(run.packet()).as(what).isEqualTo(packet);
    }
}
