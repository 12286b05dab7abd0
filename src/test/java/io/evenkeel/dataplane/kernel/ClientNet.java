package io.evenkeel.dataplane.kernel;

import io.evenkeel.lab.Lab;
import io.evenkeel.lab.Node;
import io.evenkeel.linux.NamespaceThread;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A director's namespace from which clients can be reached, so that replies in test runs find their route: a test run asks
 * the routing table of the calling thread's namespace. Clients 198.18.0.1 … 3 and 2001:db8::1 … 3 are neighbours whose MAC
 * addresses end in their number; 198.18.0.99 and 2001:db8::99 are on-link without one; all else has no route.
 */
final class ClientNet implements AutoCloseable {
    static final String SOURCE_MAC = "02:00:00:00:00:08";
    static final int NEIGHBOURS = 3;

    private final Lab lab = Lab.open();
    private final Node director = lab.node("d1");
    private final LinkedBlockingQueue<FutureTask<?>> work = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::serve, "ek-test-runs");

    ClientNet() {
        lab.link(director, lab.node("cl"));
        director.ip("link", "set", "cl", "address", SOURCE_MAC);
        director.address("cl", "198.18.0.254/24").address("cl", "2001:db8::fe/64");
        director.sysctl("net.ipv4.ip_forward", "1").sysctl("net.ipv6.conf.all.forwarding", "1");
        for (int i = 1; i <= NEIGHBOURS; i++) {
            for (String address : new String[] {"198.18.0." + i, "2001:db8::" + i}) {
                director.ip("neigh", "replace", address, "lladdr", clientMac(i), "dev", "cl", "nud", "permanent");
            }
        }
        thread.setDaemon(true);
        thread.start();
    }

    static String clientMac(int client) {
        return "02:00:00:00:02:%02x".formatted(client);
    }

    Node director() {
        return director;
    }

    private void serve() {
        try {
            NamespaceThread.call(director, () -> {
                while (true) work.take().run();
            });
        } catch (InterruptedException closed) {
            // the end
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Does it in the namespace. */
    <T> T in(Callable<T> piece) {
        FutureTask<T> task = new FutureTask<>(piece);
        work.add(task);
        try {
            return task.get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        work.add(new FutureTask<>(() -> {
            Thread.currentThread().interrupt(); // the next take ends the thread
            return null;
        }));
        lab.close();
    }
}
