package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.model.ServiceKey;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to a service for as long as its key lives, over all tables and workers: the turn, the load of its
 * realservers, affinity, and each worker's lane and front. The director's thread makes and changes it; workers use turn,
 * load and affinity.
 */
final class LiveService {
    final ServiceKey key;
    final int slot;

    /** The next turn. Shared, so that the split is exact over all workers; it survives every table. */
    final AtomicLong turn = new AtomicLong();

    final ServerLoad load = new ServerLoad();
    final ServiceLane[] lanes;
    final ServiceFront[] fronts;
    private volatile @Nullable AffinityTable affinity;
    private int oneWayFamilies; // bits of family()

    LiveService(ForwardedService service, int workers) {
        key = service.key();
        slot = service.slot();
        lanes = new ServiceLane[workers];
        fronts = new ServiceFront[workers];
    }

    /** Templates, or null if the service has no persistence. */
    @Nullable
    AffinityTable affinity() {
        return affinity;
    }

    /** Takes what a table says of all workers together. The director's thread, before the workers install the table. */
    void adopt(ForwardedService service) {
        load.thresholds(service.servers());
        ForwardedService.Affinity wanted = service.persistence();
        AffinityTable present = affinity;
        if (wanted == null) {
            affinity = null;
        } else if (present == null) {
            affinity = new AffinityTable(wanted.timeoutNanos(), wanted.prefixLength());
        } else {
            present.configure(wanted.timeoutNanos(), wanted.prefixLength());
        }
    }

    /** A commit hands these sockets to the workers. The director's thread. */
    void oneWayOpened(PreparedService prepared) {
        if (!prepared.oneWayFds().isEmpty()) oneWayFamilies |= family(prepared.serversV6());
    }

    /** One-way sockets of the family are open. The director's thread. */
    boolean hasOneWay(boolean v6) {
        return (oneWayFamilies & family(v6)) != 0;
    }

    private static int family(boolean v6) {
        return v6 ? 2 : 1;
    }

    /** Closes fronts that were never handed to a worker. */
    void closeFronts() {
        for (ServiceFront front : fronts) if (front != null) front.close();
    }
}
