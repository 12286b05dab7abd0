package io.evenkeel.dataplane.socket;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.evenkeel.dataplane.CountersSnapshot;
import io.evenkeel.dataplane.CountersSnapshot.ServerCounters;
import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.linux.Libc;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** A socket plane under test, with what a test closes at its end. Both laws and the absence of leaks are checked there. */
final class PlaneRig implements AutoCloseable {
    final List<PlaneEvent> events = new CopyOnWriteArrayList<>();
    final SocketPlane plane;
    private final List<Closeable> others = new ArrayList<>();
    private final long filesBefore;
    private long version;
    /** What the plane is told that the process may open. */
    volatile int openFileLimit = Libc.openFileLimit();

    private int replyPorts = 256;
    private List<ForwardedService> services = List.of();

    PlaneRig(int workers) {
        this(workers, SendGather.MAX_SEGMENTS);
    }

    PlaneRig(int workers, int mostSegments) {
        warmUpNio();
        filesBefore = openFiles();
        plane = new SocketPlane(workers, events::add, mostSegments, () -> openFileLimit);
    }

    /** The JDK keeps a few descriptors of its own from the first datagram channel on. */
    private static void warmUpNio() {
        try (Backend first = Backend.sink("127.0.0.1");
                Client client = new Client(first.endpoint(), "127.0.0.1", 0)) {
            client.send(1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static long openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** An endpoint nobody holds now. */
    static Endpoint freeVip(String address) {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName(address))) {
            return new Endpoint(IpAddress.of(address), socket.getLocalPort());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    Backend sink(String address) throws IOException {
        return keep(Backend.sink(address));
    }

    Backend echo(String address, int replies) throws IOException {
        return keep(Backend.echo(address, replies));
    }

    Client client(Endpoint vip, int id) throws IOException {
        return keep(new Client(vip, vip.address().v6() ? "::1" : "127.0.0.1", id));
    }

    <T extends Closeable> T keep(T closeable) {
        others.add(closeable);
        return closeable;
    }

    PlaneRig replyPorts(int most) {
        replyPorts = most;
        return this;
    }

    ForwardingTable table(ForwardedService... tableServices) {
        return new ForwardingTable(++version, List.of(tableServices), replyPorts, List.of());
    }

    /** Prepares and commits, and waits until every worker has it. */
    void apply(ForwardedService... tableServices) throws Exception {
        Preparation preparation = plane.prepare(table(tableServices));
        if (!(preparation instanceof Preparation.Ready ready)) {
            fail("denied: " + preparation);
            return;
        }
        plane.commit(ready).get(5, TimeUnit.SECONDS);
        services = List.of(tableServices);
    }

    void flip(int service, int server, Usability usability, int generation) throws Exception {
        plane.flip(new ServerFlip(service, server, usability, generation)).get(5, TimeUnit.SECONDS);
    }

    ServiceCounters counters(int slot) {
        return requireNonNull(settled().services().get(slot), "service slot " + slot);
    }

    /**
     * The counters after the batch in hand: a datagram reaches its realserver before the worker publishes. A flip of a
     * slot that nobody has changes nothing and is acknowledged at the batch boundary.
     */
    private CountersSnapshot settled() {
        try {
            plane.flip(new ServerFlip(ForwardingTable.MAX_SERVICES - 1, 0, Usability.SHUT, 0))
                    .get(5, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
        return plane.counters();
    }

    ServerCounters server(int slot, int server) {
        return counters(slot).servers().stream()
                .filter(counted -> counted.slot() == server)
                .findFirst()
                .orElse(new ServerCounters(server, 0, 0, 0));
    }

    long dropped(int slot, DropReason reason) {
        ServiceCounters counters = counters(slot);
        return counters.drops().getOrDefault(reason, counters.replyDrops().getOrDefault(reason, 0L));
    }

    long path(PathCounter path) {
        return settled().paths().getOrDefault(path, 0L);
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) fail("did not come: " + what);
            Thread.sleep(2);
        }
    }

    /** As {@link #await}; a failure shows the counters of the first service. */
    void awaitHere(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) fail("did not come: " + what + "; " + plane.counters());
            Thread.sleep(2);
        }
    }

    /** Waits until the plane has received so many for the service. */
    void awaitReceived(int slot, long count) throws InterruptedException {
        await(
                count + " received, have " + counters(slot).received(),
                () -> counters(slot).received() >= count);
    }

    @Override
    public void close() throws IOException {
        for (ForwardedService service : services) {
            assertThat(counters(service.slot()).imbalance())
                    .as("laws of %s: %s", service.key(), counters(service.slot()))
                    .isZero();
        }
        plane.close();
        for (Closeable other : others) other.close();
        assertThat(openFiles()).as("open files").isEqualTo(filesBefore);
        assertThat(events).noneMatch(event -> event instanceof PlaneEvent.WorkerFailed);
    }
}
