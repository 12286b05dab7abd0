package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.linux.Libc;
import io.evenkeel.model.Endpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which datagrams for one destination leave in one message, and that what arrives is what was added. */
class SendGatherTest {

    private static List<Integer> times(int count, int length) {
        return IntStream.range(0, count).mapToObj(i -> length).toList();
    }

    private static List<Integer> lengths(int... lengths) {
        return IntStream.of(lengths).boxed().toList();
    }

    static List<Arguments> runs() {
        return List.of(
                Arguments.of(times(3, 100), lengths(3)),
                Arguments.of(lengths(100, 100, 40, 100), lengths(3, 1)), // the last of a run may be shorter
                Arguments.of(lengths(100, 40, 30), lengths(2, 1)), // and ends it
                Arguments.of(lengths(40, 100, 100), lengths(1, 2)), // a longer one begins another
                Arguments.of(lengths(100, 0, 100), lengths(1, 1, 1)), // an empty one is no segment
                Arguments.of(times(70, 100), lengths(64, 6)), // UDP_MAX_SEGMENTS
                Arguments.of(times(60, 1_400), lengths(46, 14)), // 46 x 1,400 = 64,400; one more would be too long
                Arguments.of(lengths(1_472, 1_472, 1_473, 1_473), lengths(2, 1, 1))); // the MTU of the route is 1,500
    }

    @ParameterizedTest
    @MethodSource("runs")
    void runsOfEqualLengthLeaveTogether(List<Integer> lengths, List<Integer> messages) throws IOException {
        CounterPublisher paths = new CounterPublisher();
        try (Arena arena = Arena.ofConfined();
                Backend backend = Backend.sink("127.0.0.1")) {
            int fd = Libc.require(DatagramSockets.oneWay(false, null), "socket", "udp");
            try {
                UnreachableEvidence evidence = new UnreachableEvidence(arena, paths, event -> {});
                SendGather gather = new SendGather(arena, paths, evidence, SendGather.MAX_SEGMENTS);
                Witness to = new Witness(backend.endpoint());
                MemorySegment bytes = arena.allocate(65_536);
                gather.begin(fd, null, 0);
                for (int length : lengths) gather.add(to, bytes.address(), length);
                gather.end();

                assertThat(to.messages).isEqualTo(messages);
                assertThat(to.lost).isZero();
                PlaneRig.await("all", () -> backend.received() == lengths.size());
                assertThat(backend.lengths()).isEqualTo(lengths);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            } finally {
                Libc.close(fd);
            }
        }
    }

    /** Hears what leaves: one call for a message. */
    private static final class Witness extends Destination {
        private final List<Integer> messages = new ArrayList<>();
        private int lost;

        Witness(Endpoint endpoint) {
            aim(
                    false,
                    endpoint.address().high(),
                    endpoint.address().low(),
                    endpoint.port(),
                    0,
                    Destination.ASSUMED_MTU);
        }

        @Override
        void sent(int datagrams) {
            messages.add(datagrams);
        }

        @Override
        void lost(int datagrams, DropReason reason) {
            lost += datagrams;
        }
    }
}
