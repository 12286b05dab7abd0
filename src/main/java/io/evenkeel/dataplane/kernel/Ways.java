package io.evenkeel.dataplane.kernel;

import io.evenkeel.dataplane.kernel.NextHop.Resolved;
import io.evenkeel.model.IpAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the follower has told so far, to be asked and waited for. Any thread. */
final class Ways {
    private final Map<IpAddress, NextHop> told = new HashMap<>();

    synchronized void tell(Map<IpAddress, NextHop> changed) {
        told.putAll(changed);
        notifyAll();
    }

    synchronized @Nullable NextHop of(IpAddress address) {
        return told.get(address);
    }

    synchronized void keepOnly(Set<IpAddress> wanted) {
        told.keySet().retainAll(wanted);
    }

    /** Waits until the way to each of them is resolved, or {@code patience} has passed. */
    synchronized void await(Set<IpAddress> wanted, Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!wanted.stream().allMatch(address -> told.get(address) instanceof Resolved)) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) return;
            wait(left);
        }
    }
}
