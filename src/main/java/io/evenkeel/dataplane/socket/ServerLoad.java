package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardingTable;
import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Live flows of one service by realserver slot, over all workers, and which realservers are at their upper threshold
 * (IPVS: reached at {@code upper} flows, left below {@code lower}, or below ¾ of upper if there is no lower). Any worker's
 * thread; written only when a flow begins or ends.
 */
final class ServerLoad {
    private final AtomicIntegerArray flows = new AtomicIntegerArray(ForwardingTable.MAX_SERVERS);
    private final AtomicIntegerArray active = new AtomicIntegerArray(ForwardingTable.MAX_SERVERS);
    private final AtomicIntegerArray overloaded = new AtomicIntegerArray(ForwardingTable.MAX_SERVERS);
    private final AtomicIntegerArray upper = new AtomicIntegerArray(ForwardingTable.MAX_SERVERS);
    private final AtomicIntegerArray lower = new AtomicIntegerArray(ForwardingTable.MAX_SERVERS);

    /** Takes the thresholds of a table. The director's thread. */
    void thresholds(List<ForwardedServer> servers) {
        for (ForwardedServer server : servers) {
            int slot = server.slot();
            int most = server.upperThreshold();
            upper.set(slot, most);
            lower.set(slot, server.lowerThreshold() > 0 ? server.lowerThreshold() : most - most / 4);
            judge(slot);
        }
    }

    void begin(int slot) {
        flows.incrementAndGet(slot);
        judge(slot);
    }

    /** A TCP connection begins: active until one side ends its stream (IPVS). */
    void beginActive(int slot) {
        active.incrementAndGet(slot);
        begin(slot);
    }

    /** Before {@link #end}, or when one side has ended its stream. */
    void becomeInactive(int slot) {
        active.decrementAndGet(slot);
    }

    void end(int slot) {
        flows.decrementAndGet(slot);
        judge(slot);
    }

    int flows(int slot) {
        return flows.get(slot);
    }

    /** Those of {@link #flows} that are active; UDP flows never are. */
    int active(int slot) {
        return active.get(slot);
    }

    boolean overloaded(int slot) {
        return overloaded.get(slot) != 0;
    }

    private void judge(int slot) {
        int most = upper.get(slot);
        int count = flows.get(slot);
        if (most > 0 && count >= most) {
            overloaded.set(slot, 1);
        } else if (most == 0 || count < lower.get(slot)) {
            overloaded.set(slot, 0);
        }
    }
}
