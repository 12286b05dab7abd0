package io.evenkeel.dataplane.kernel;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.schedule.LeastPick;
import io.evenkeel.schedule.Rotation;
import io.evenkeel.schedule.Schedule;
import io.evenkeel.schedule.SlotTable;
import java.util.List;

/**
 * One service of a table, and what of it may change while that is in force: the states of its realservers, and who gets
 * the turns of those that cannot be used. Owned by the director's thread.
 */
final class ServedService {
    final ForwardedService service;
    final int firstSlot; // in ek_slots
    final int[] numbers; // candidate → realserver's number
    private final Usability[] states;
    private int side;

    ServedService(ForwardedService service, int firstSlot, int[] numbers) {
        this.service = service;
        this.firstSlot = firstSlot;
        this.numbers = numbers;
        states = service.servers().stream().map(ForwardedServer::usability).toArray(Usability[]::new);
    }

    /** Its candidate in this slot, or −1. */
    int candidate(int serverSlot) {
        List<ForwardedServer> servers = service.servers();
        for (int i = 0; i < servers.size(); i++) if (servers.get(i).slot() == serverSlot) return i;
        return -1;
    }

    void state(int candidate, Usability usability) {
        states[candidate] = usability;
    }

    /** Slots of its rotation or slot table. */
    static int slots(Schedule schedule) {
        return switch (schedule) {
            case Rotation rotation -> rotation.length();
            case SlotTable table -> table.length();
            case LeastPick _ -> 0;
        };
    }

    boolean thresholds() {
        return service.servers().stream().anyMatch(server -> server.upperThreshold() > 0);
    }

    /** The list that algorithms go through which look at every realserver; empty if this one never does. */
    int[] candidates() {
        if (service.schedule() instanceof LeastPick least) return least.order();
        if (!thresholds()) return new int[0];
        int[] all = new int[numbers.length];
        for (int i = 0; i < all.length; i++) all[i] = i;
        return all;
    }

    boolean suspectsServe() {
        for (Usability state : states) if (state == Usability.OPEN) return false;
        return true;
    }

    private boolean usable(int candidate) {
        if (service.servers().get(candidate).weight() == 0) return false;
        return states[candidate] == Usability.OPEN || (suspectsServe() && states[candidate] == Usability.SUSPECT);
    }

    /** Who gets the turns of the unusable, dealt one after another; of other schedules as many as can be used. */
    char[] dealt() {
        if (service.schedule() instanceof Rotation rotation) return rotation.dealt(this::usable);
        int usable = 0;
        for (int i = 0; i < states.length; i++) if (usable(i)) usable++;
        return new char[usable];
    }

    /** The side of the deal that is written next. */
    int otherSide() {
        return side ^= 1;
    }
}
