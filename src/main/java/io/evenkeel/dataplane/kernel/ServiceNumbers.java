package io.evenkeel.dataplane.kernel;

import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.model.ServiceKey;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Each service's number in the maps, beside the slot that the director knows it by: slots are given afresh by every
 * process, but turns, counters and flows stand under numbers and outlive it. Behind {@link #of} the plane speaks of
 * numbers alone. Owned by the director's thread.
 */
final class ServiceNumbers {
    private final int most;
    private final BitSet inherited = new BitSet();
    private Map<ServiceKey, Integer> inForce = Map.of();
    private Map<Integer, Integer> bySlot = Map.of(); // also of removed services, as long as their slots are theirs

    ServiceNumbers(int most) {
        this.most = most;
    }

    /**
     * A table with numbers in the place of slots.
     *
     * @param bySlot the number of each service's slot
     * @param begun numbers under which another service, or none, stood before
     */
    record Numbered(ForwardingTable table, Map<Integer, Integer> bySlot, Set<Integer> begun) {
        Numbered {
            bySlot = Map.copyOf(bySlot);
            begun = Set.copyOf(begun);
        }
    }

    /** These services are in force, made by another process; before any table. */
    void inherit(Map<ServiceKey, Integer> services) {
        inForce = Map.copyOf(services);
        for (int number : services.values()) inherited.set(number);
    }

    /** The table in numbers; empty if there are more services than numbers. Changes nothing. */
    Optional<Numbered> of(ForwardingTable table) {
        BitSet taken = new BitSet();
        for (int number : inForce.values()) taken.set(number);
        for (int number : bySlot.values()) taken.set(number);
        Map<Integer, Integer> numbers = new HashMap<>();
        Set<Integer> begun = new HashSet<>();
        List<ForwardedService> services = new ArrayList<>();
        for (ForwardedService service : table.services()) {
            Integer number = inForce.get(service.key());
            if (number == null) {
                number = begin(service.slot(), taken);
                if (number >= most) return Optional.empty();
                taken.set(number);
                begun.add(number);
            }
            numbers.put(service.slot(), number);
            services.add(service.at(number));
        }
        ForwardingTable numbered =
                new ForwardingTable(table.version(), services, table.replyPorts(), table.replyAddresses());
        return Optional.of(new Numbered(numbered, numbers, begun));
    }

    /** The number of a new service: its slot's, if the director has given that again; else one that nobody had. */
    private int begin(int slot, BitSet taken) {
        Integer again = bySlot.get(slot);
        if (again != null && !inForce.containsValue(again)) return again;
        BitSet had = (BitSet) taken.clone();
        had.or(inherited);
        int fresh = had.nextClearBit(0);
        return fresh < most ? fresh : taken.nextClearBit(0);
    }

    /** The table is in force. A removed service keeps its number until its slot is given to another. */
    void inForce(Numbered numbered) {
        Map<ServiceKey, Integer> next = new HashMap<>();
        for (ForwardedService service : numbered.table.services()) next.put(service.key(), service.slot());
        inForce = Map.copyOf(next);
        Map<Integer, Integer> slots = new HashMap<>(bySlot);
        slots.putAll(numbered.bySlot);
        bySlot = Map.copyOf(slots);
    }

    /** The number under which the service in this slot is counted; −1 if none is. */
    int ofSlot(int slot) {
        return bySlot.getOrDefault(slot, -1);
    }
}
