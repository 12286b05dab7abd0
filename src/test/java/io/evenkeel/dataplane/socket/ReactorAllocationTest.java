package io.evenkeel.dataplane.socket;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.model.Endpoint;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** The packet loop allocates nothing once it is warm. */
class ReactorAllocationTest {

    private static final long WARM_UP = 200_000;
    private static final long MEASURED = 1_000_000;
    private static final long ALLOWED_BYTES = 4_096;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void oneAllocationABatchIsSeen() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            assertThat(grownBytes(rig, oneWay(rig).ops(), true, 100_000)).isGreaterThan(ALLOWED_BYTES);
        }
    }

    @Test
    void onePacketSchedulingAllocatesNothing() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            assertThat(grownBytes(rig, oneWay(rig).ops(), false, MEASURED)).isLessThanOrEqualTo(ALLOWED_BYTES);
        }
    }

    @Test
    void trackedFlowsAllocateNothing() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            assertThat(grownBytes(rig, oneWay(rig), false, MEASURED)).isLessThanOrEqualTo(ALLOWED_BYTES);
        }
    }

    @Test
    void repliesAllocateNothing() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            TestService service = new TestService(0, PlaneRig.freeVip("127.0.0.1"))
                    .ops()
                    .servers(rig.echo("127.0.0.1", 1), rig.echo("127.0.0.1", 1));
            assertThat(grownBytes(rig, service, false, MEASURED)).isLessThanOrEqualTo(ALLOWED_BYTES);
        }
    }

    private static TestService oneWay(PlaneRig rig) throws Exception {
        return new TestService(0, PlaneRig.freeVip("127.0.0.1"))
                .responses(0)
                .servers(rig.sink("127.0.0.1"), rig.sink("127.0.0.1"), rig.sink("127.0.0.1"));
    }

    /** Bytes that the worker's thread allocates while {@code measured} datagrams pass, after the warm-up. */
    private static long grownBytes(PlaneRig rig, TestService service, boolean deliberately, long measured)
            throws Exception {
        ForwardedService built = service.build();
        rig.apply(built);
        Endpoint vip = built.key().vip();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 8; i++) clients.add(rig.client(vip, i));
        LongSupplier passed =
                () -> passed(requireNonNull(rig.plane.counters().services().get(0)), built.responses() != 0);
        long worker = workerThread();
        if (deliberately) allocateInEveryBatch(rig.plane);
        drive(clients, WARM_UP, passed);
        long before = THREADS.getThreadAllocatedBytes(worker);
        drive(clients, measured, passed);
        return THREADS.getThreadAllocatedBytes(worker) - before;
    }

    private static long passed(ServiceCounters counters, boolean withReplies) {
        long lost = counters.drops().getOrDefault(DropReason.RECEIVE_OVERFLOW, 0L);
        long repliesLost = counters.replyDrops().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        return withReplies ? counters.replies() + repliesLost : counters.received() - lost;
    }

    private static void drive(List<Client> clients, long count, LongSupplier passed) throws Exception {
        long target = passed.getAsLong() + count;
        long sent = passed.getAsLong();
        long deadline = System.nanoTime() + 120_000_000_000L;
        while (passed.getAsLong() < target) {
            for (int burst = 0; burst < 32 && sent - passed.getAsLong() < 400; burst++) {
                for (Client client : clients) client.send(100);
                sent += clients.size();
            }
            for (Client client : clients) client.takeReplies();
            if (System.nanoTime() > deadline) fail("only " + passed.getAsLong() + " of " + target + " passed");
        }
    }

    private static long workerThread() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("ek-plane-0"))
                .findFirst()
                .orElseThrow()
                .threadId();
    }

    /** Puts a watcher before each of the plane's that allocates before it passes the event on. */
    private static void allocateInEveryBatch(SocketPlane plane) throws ReflectiveOperationException {
        Field reactors = SocketPlane.class.getDeclaredField("reactors");
        reactors.setAccessible(true);
        Field watchers = Reactor.class.getDeclaredField("watchers");
        watchers.setAccessible(true);
        for (Object reactor : (List<?>) reactors.get(plane)) {
            Watcher[] table = (Watcher[]) watchers.get(reactor);
            for (int i = 0; i < table.length; i++) {
                if (table[i] != null) table[i] = new AllocatingWatcher(table[i]);
            }
        }
    }

    private static final class AllocatingWatcher implements Watcher {
        private final Watcher next;
        private int[] deliberate = {};

        AllocatingWatcher(Watcher next) {
            this.next = next;
        }

        @Override
        public void ready(int events) {
            deliberate = new int[] {deliberate.length, events};
            next.ready(events);
        }
    }
}
