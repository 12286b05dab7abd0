package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Lab;
import io.evenkeel.lab.Node;
import io.evenkeel.linux.NetworkNamespace;
import io.evenkeel.model.IpAddress;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A follower in a namespace of its own, and what its listener heard and when.
 *
 * <pre>
 *            b1   198.18.1.2, 2001:db8:1::2
 *           /
 *   d1 ----- r1   198.18.2.2, 2001:db8:2::2   198.19.1.0/24, 2001:db8:ff::/64 and default are behind it
 *           \
 *            r2   198.18.3.2
 * </pre>
 */
final class FollowerRig implements AutoCloseable, NextHopListener {
    static final IpAddress ON_LINK = IpAddress.of("198.18.1.2");
    static final IpAddress BEHIND_GATEWAY = IpAddress.of("198.19.1.9");
    static final IpAddress BEHIND_DEFAULT = IpAddress.of("198.19.77.7");
    static final IpAddress SIX = IpAddress.of("2001:db8:1::2");
    static final IpAddress SIX_BEHIND_GATEWAY = IpAddress.of("2001:db8:ff::9");
    static final Set<IpAddress> LIVE = Set.of(ON_LINK, BEHIND_GATEWAY, BEHIND_DEFAULT, SIX, SIX_BEHIND_GATEWAY);

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    final Node director;
    final Node server;
    final Node router;
    final Node second;
    final NextHopFollower follower;

    private final Lab lab = Lab.open();
    private final Map<Node, Writer> shells = new HashMap<>();
    private final Thread thread;
    private final AtomicReference<Throwable> bug = new AtomicReference<>();

    private final Map<IpAddress, Told<NextHop>> told = new ConcurrentHashMap<>();
    private final AtomicInteger tablesChanged = new AtomicInteger();
    private volatile Told<Set<IpAddress>> local = new Told<>(Set.of(), 0);
    private volatile boolean deaf;

    /** What the listener was told last, and when. */
    private record Told<T>(T what, long nanos) {}

    FollowerRig() throws IOException {
        this(NextHopFollower.RECEIVE_BYTES);
    }

    FollowerRig(int receiveBytes) throws IOException {
        director = node("d1");
        server = node("b1");
        router = node("r1");
        second = node("r2");
        wire(server, 1);
        wire(router, 2);
        wire(second, 3);
        director.ip("route", "add", "198.19.1.0/24", "via", "198.18.2.2");
        director.ip("-6", "route", "add", "2001:db8:ff::/64", "via", "2001:db8:2::2");
        director.defaultRoute("198.18.2.2");
        follower = NetworkNamespace.call(
                Path.of("/run/netns", director.namespace()), () -> new NextHopFollower(this, receiveBytes));
        thread = Thread.ofPlatform().name("ek-netlink").daemon().unstarted(follower::run);
        thread.setUncaughtExceptionHandler((_, thrown) -> bug.set(thrown));
        thread.start();
    }

    private Node node(String role) {
        return lab.node(role)
                .sysctl("net.ipv6.conf.default.accept_dad", "0")
                .sysctl("net.ipv4.conf.default.arp_notify", "1")
                .sysctl("net.ipv6.conf.default.ndisc_notify", "1");
    }

    private void wire(Node other, int number) {
        lab.link(director, other);
        // Two changes within a second are both believed.
        director.sysctl("net.ipv4.neigh." + other.role() + ".locktime", "0");
        director.address(other.role(), "198.18." + number + ".1/24")
                .address(other.role(), "2001:db8:" + number + "::1/64");
        other.address("d1", "198.18." + number + ".2/24").address("d1", "2001:db8:" + number + "::2/64");
    }

    /** Gives a node's running {@code ip -batch} one line; the time just before. */
    long change(Node node, String line) throws IOException {
        Writer shell = shells.get(node);
        if (shell == null) {
            shell = node.start(new ProcessBuilder("ip", "-batch", "-").redirectError(ProcessBuilder.Redirect.INHERIT))
                    .outputWriter();
            shells.put(node, shell);
        }
        long before = System.nanoTime();
        shell.write(line + "\n");
        shell.flush();
        return before;
    }

    /** Starts a node's {@code ip -batch}, so that the first {@link #change} does not pay for it. */
    void warmUp(Node node) throws IOException, InterruptedException {
        change(node, "link show dev lo");
        Thread.sleep(300);
    }

    @Override
    public void nextHops(Map<IpAddress, NextHop> changed) {
        long now = System.nanoTime();
        changed.forEach((destination, next) -> told.put(destination, new Told<>(next, now)));
    }

    @Override
    public void localAddresses(Set<IpAddress> all) {
        local = new Told<>(all, System.nanoTime());
    }

    @Override
    public void tablesChanged() {
        tablesChanged.incrementAndGet();
        while (deaf) pause();
    }

    /** From now on the listener holds the follower up, as it must not. */
    void stopHearing() {
        deaf = true;
    }

    void hearAgain() {
        deaf = false;
    }

    int timesTablesChanged() {
        return tablesChanged.get();
    }

    NextHop nextHop(IpAddress destination) {
        return Objects.requireNonNull(told.get(destination)).what;
    }

    /** When the listener was told what the destination's next hop is now, once that is as wanted. */
    long await(IpAddress destination, Predicate<NextHop> wanted) {
        return await(() -> told.get(destination), wanted, destination).nanos;
    }

    long awaitResolved(IpAddress destination) {
        return await(destination, NextHop.Resolved.class::isInstance);
    }

    NextHop.Resolved resolved(IpAddress destination) {
        awaitResolved(destination);
        return (NextHop.Resolved) nextHop(destination);
    }

    /** When the listener was told the set of addresses as it is now, once it is as wanted. */
    long awaitLocal(Predicate<Set<IpAddress>> wanted) {
        return await(() -> local, wanted, "local addresses").nanos;
    }

    private <T> Told<T> await(Supplier<@Nullable Told<T>> now, Predicate<T> wanted, Object subject) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Told<T> last = now.get();
            if (last != null && wanted.test(last.what)) return last;
            assertThat(bug.get()).isNull();
            assertThat(end - System.nanoTime())
                    .as("%s: %s, %s", subject, last, follower.counts())
                    .isPositive();
            pause();
        }
    }

    private static void pause() {
        LockSupport.parkNanos(1_000_000);
    }

    /** The hardware address of a node's interface. */
    static long mac(Node node, String device) {
        return Long.parseLong(
                node.run("cat", "/sys/class/net/" + device + "/address").strip().replace(":", ""), 16);
    }

    static int index(Node node, String device) {
        return Integer.parseInt(
                node.run("cat", "/sys/class/net/" + device + "/ifindex").strip());
    }

    @Override
    public void close() {
        hearAgain();
        follower.stop();
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertThat(thread.isAlive()).isFalse();
        follower.close();
        lab.close();
        assertThat(bug.get()).isNull();
    }
}
