package io.evenkeel.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.socket.SocketPlane;
import io.evenkeel.director.Director;
import io.evenkeel.director.Snapshot;
import io.evenkeel.health.ProbeOutcome;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.RealServerState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A director and its socket plane, as the daemon joins them: how soon a verdict is what every worker does. */
class VerdictToPlaneTest {
    private static final int CHANGES = 200;
    private static final int PORT = 20_053;
    /** The bound of the design for a verdict to reach the plane. */
    private static final long BOUND_MICROS = 5_000;

    @TempDir
    Path temp;

    @Test
    @Timeout(120)
    void aVerdictIsWhatEveryWorkerDoesWithinFiveMilliseconds() throws Exception {
        Configuration configuration = configuration();
        AtomicReference<ProbeOutcome> finds = new AtomicReference<>(outcome(true));
        SocketPlane plane = new SocketPlane(2, _ -> {});
        Director.About about = new Director.About("test", 1, Instant.EPOCH, "socket", "", "");
        Director director = new Director(about, plane, true, (_, _, done) -> done.accept(finds.get()));
        Thread loop = Thread.ofPlatform().name("ek-director").start(director::run);
        try {
            Director.Applied applied = director.apply(configuration, io.evenkeel.model.Origins.NONE)
                    .join();
            assertThat(applied.applied()).as(applied.summary()).isTrue();
            until(director, RealServerState.UP);
            long[] micros = new long[CHANGES];
            for (int i = 0; i < CHANGES; i++) {
                boolean fails = i % 2 == 0;
                finds.set(outcome(!fails));
                Snapshot shown = until(director, fails ? RealServerState.FAILED : RealServerState.UP);
                micros[i] = shown.planeLag().lastMicros();
            }
            Arrays.sort(micros);
            System.out.printf(
                    "verdict to plane: median %d, p99 %d, worst %d us%n",
                    micros[CHANGES / 2], micros[CHANGES * 99 / 100], micros[CHANGES - 1]);
            assertThat(micros[0]).as("it is measured").isPositive();
            assertThat(micros[CHANGES / 2]).as("the median").isLessThan(BOUND_MICROS);
        } finally {
            director.close();
            loop.join();
            plane.close();
        }
    }

    private static ProbeOutcome outcome(boolean good) {
        return good
                ? new ProbeOutcome.Passed("connected", OptionalInt.empty())
                : new ProbeOutcome.Failed("connection refused");
    }

    /** The first reading in which the checked realserver is in the state and every worker has acknowledged it. */
    private static Snapshot until(Director director, RealServerState state) throws InterruptedException {
        while (true) {
            Snapshot now = director.snapshot();
            boolean shown = now.services().getFirst().realservers().getFirst().state() == state;
            if (shown && now.settled()) return now;
            Thread.sleep(1);
        }
    }

    /** Twenty services beside the one that is checked, as tables have more than one entry. */
    private Configuration configuration() throws Exception {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 21; i++) {
            // addresses that nobody else here listens on, so that no port has to be found
            text.append("virtual_server 127.77.3.")
                    .append(i + 1)
                    .append(' ')
                    .append(PORT)
                    .append(" {\nprotocol UDP\nlb_algo wrr\nlb_kind NAT\n");
            text.append("ops\nclient_address director\ndelay_loop 0.01\n");
            for (int server = 2; server < 6; server++) {
                text.append("real_server 127.0.0.")
                        .append(server)
                        .append(' ')
                        .append(PORT)
                        .append(" {\nweight ")
                        .append(server)
                        .append('\n');
                if (i == 0 && server == 2) text.append("TCP_CHECK {\nconnect_timeout 1\nretry 0\n}\n");
                text.append("}\n");
            }
            text.append("}\n");
        }
        Path file = Files.writeString(temp.resolve("lb.conf"), text);
        return io.evenkeel.config.ConfigurationLoader.load(file).configuration();
    }
}
