package io.evenkeel.dataplane.kernel;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.ServiceKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which services share realservers' endpoints, so that a reply from there may be any one's: they are one group, and a
 * client has one flow with a group from one port. A service alone is a group too. Immutable; any thread.
 *
 * <p>A group's number is part of its flows' keys, so it stays as long as the services stay together; a service that comes
 * into another group takes its flows along ({@link #moved}).
 */
final class Groups {
    /** No table yet. */
    static final Groups NONE = new Groups(Map.of(), Set.of(), Set.of(), Map.of(), Map.of());

    private final Map<Integer, Integer> numbers; // by service slot
    private final Set<Integer> shared; // numbers of groups with several services
    private final Set<Integer> onePacket; // and of those with a one-packet service
    private final Map<Place, ForwardedService> sole; // of endpoints that one service has alone
    private final Map<Place, Heir> heirs; // of endpoints that are shared since lately

    private Groups(
            Map<Integer, Integer> numbers,
            Set<Integer> shared,
            Set<Integer> onePacket,
            Map<Place, ForwardedService> sole,
            Map<Place, Heir> heirs) {
        this.numbers = Map.copyOf(numbers);
        this.shared = Set.copyOf(shared);
        this.onePacket = Set.copyOf(onePacket);
        this.sole = Map.copyOf(sole);
        this.heirs = Map.copyOf(heirs);
    }

    /**
     * The groups that another process left in force.
     *
     * @param numbers of each service's group
     */
    static Groups inherited(Map<Integer, Integer> numbers) {
        return new Groups(numbers, Set.of(), Set.of(), Map.of(), Map.of());
    }

    private record Place(Protocol protocol, Endpoint endpoint) {}

    /** The one-packet service that had an endpoint alone, and noted nobody who asked there. */
    private record Heir(ServiceKey service, long untilNanos) {}

    /** The groups of the next table, as {@link #of(ForwardingTable, long)} at this moment. */
    Groups of(ForwardingTable table) {
        return of(table, System.nanoTime());
    }

    /** The groups of the next table; every number above 0 and below 2^15. */
    Groups of(ForwardingTable table, long nowNanos) {
        List<List<Integer>> together = together(table);
        Map<Integer, Integer> next = new HashMap<>();
        Set<Integer> taken = new HashSet<>();
        List<List<Integer>> fresh = new ArrayList<>();
        for (List<Integer> slots : together) {
            // The number that one of them has already: then at least its flows stay where they are.
            Integer kept = slots.stream()
                    .map(numbers::get)
                    .filter(number -> number != null && !taken.contains(number))
                    .findFirst()
                    .orElse(null);
            if (kept == null) {
                fresh.add(slots);
                continue;
            }
            taken.add(kept);
            for (int slot : slots) next.put(slot, kept);
        }
        int number = 1;
        for (List<Integer> slots : fresh) {
            while (taken.contains(number)) number++;
            taken.add(number);
            for (int slot : slots) next.put(slot, number);
        }
        Set<Integer> shared = new HashSet<>();
        for (List<Integer> slots : together) if (slots.size() > 1) shared.add(next.get(slots.getFirst()));
        Set<Integer> onePacket = new HashSet<>();
        for (ForwardedService service : table.services()) {
            if (service.onePacket()) onePacket.add(next.get(service.slot()));
        }
        Map<Place, List<ForwardedService>> having = having(table);
        Map<Place, ForwardedService> sole = new HashMap<>();
        having.forEach((place, services) -> {
            if (services.size() == 1) sole.put(place, services.getFirst());
        });
        return new Groups(next, shared, onePacket, sole, heirs(having, nowNanos));
    }

    private static Map<Place, List<ForwardedService>> having(ForwardingTable table) {
        Map<Place, List<ForwardedService>> having = new HashMap<>();
        for (ForwardedService service : table.services()) {
            for (ForwardedServer server : service.servers()) {
                if (!(server.forwarding() instanceof Forwarding.Nat)) continue;
                Place place = new Place(service.key().protocol(), server.endpoint());
                having.computeIfAbsent(place, _ -> new ArrayList<>()).add(service);
            }
        }
        return having;
    }

    /** Of endpoints that are shared in the next table, and were not, or not for longer than an answer may take. */
    private Map<Place, Heir> heirs(Map<Place, List<ForwardedService>> having, long nowNanos) {
        Map<Place, Heir> next = new HashMap<>();
        having.forEach((place, services) -> {
            if (services.size() == 1) return;
            Heir known = heirs.get(place);
            ForwardedService last = sole.get(place);
            if (last != null && last.onePacket()) {
                known = new Heir(last.key(), nowNanos + last.udpTimeoutNanos());
            }
            if (known == null || known.untilNanos - nowNanos <= 0) return;
            ServiceKey key = known.service;
            if (services.stream().anyMatch(service -> service.key().equals(key) && service.onePacket())) {
                next.put(place, known);
            }
        });
        return next;
    }

    /** Until when answers from an endpoint that no note explains are this service's, in System.nanoTime. */
    OptionalLong soleUntil(ForwardedService service, Endpoint endpoint) {
        Heir heir = heirs.get(new Place(service.key().protocol(), endpoint));
        return heir != null && heir.service.equals(service.key())
                ? OptionalLong.of(heir.untilNanos)
                : OptionalLong.empty();
    }

    /** The services of a table by group, each group and all groups in the table's order. */
    private static List<List<Integer>> together(ForwardingTable table) {
        Map<Integer, Integer> leaders = new HashMap<>(); // a service that leads itself leads its group
        Map<Place, Integer> first = new HashMap<>();
        for (ForwardedService service : table.services()) {
            leaders.put(service.slot(), service.slot());
            for (ForwardedServer server : service.servers()) {
                if (!(server.forwarding() instanceof Forwarding.Nat)) continue; // its replies do not come by
                Place place = new Place(service.key().protocol(), server.endpoint());
                Integer other = first.putIfAbsent(place, service.slot());
                if (other != null) leaders.put(leader(leaders, service.slot()), leader(leaders, other));
            }
        }
        Map<Integer, List<Integer>> groups = new LinkedHashMap<>();
        for (ForwardedService service : table.services()) {
            groups.computeIfAbsent(leader(leaders, service.slot()), _ -> new ArrayList<>())
                    .add(service.slot());
        }
        return List.copyOf(groups.values());
    }

    private static int leader(Map<Integer, Integer> leaders, int slot) {
        int leader = slot;
        for (int next = leaders.getOrDefault(slot, slot); next != leader; next = leaders.getOrDefault(next, next)) {
            leader = next;
        }
        return leader;
    }

    /** The group of a service that stands in the table. */
    int of(int slot) {
        Integer number = numbers.get(slot);
        if (number == null) throw new IllegalArgumentException("no service " + slot);
        return number;
    }

    /** The service shares its group with another. */
    boolean shared(int slot) {
        return shared.contains(of(slot));
    }

    /** The service or one of its group is one-packet: a reply without a flow is ambiguous, and may be any client's. */
    boolean onePacket(int slot) {
        return onePacket.contains(of(slot));
    }

    /** Services that were in another group before, by slot. */
    Map<Integer, Integer> moved(Groups before) {
        Map<Integer, Integer> moved = new HashMap<>();
        numbers.forEach((slot, number) -> {
            Integer old = before.numbers.get(slot);
            if (old != null && !old.equals(number)) moved.put(slot, old);
        });
        return moved;
    }
}
