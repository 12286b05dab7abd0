package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardedService.Affinity;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Refused;
import io.evenkeel.schedule.LeastPick;
import io.evenkeel.schedule.Rotation;
import io.evenkeel.schedule.SlotTable;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * One of the two halves of the maps: takes a whole table while it is not in force, and single changes of state while it
 * may be. Owned by the director's thread.
 *
 * <p>In force, a change is at most one aligned word at a time, each safe by itself: first the realserver's state, then
 * who gets its turns, written out beside the present deal before the word that names it.
 */
final class TableHalf {
    private static final int UDP = 17;
    private static final int TCP = 6;

    private final int half;
    private final MapSizes sizes;
    private final MapMemory maps;
    private final ServerNumbers given;
    private Map<Integer, ServedService> services = Map.of();
    private Set<Integer> numbers = Set.of(); // of the realservers in it

    /**
     * @param half 0 or 1
     * @param given where the realservers' numbers and their generations come from
     */
    TableHalf(int half, MapSizes sizes, MapMemory maps, ServerNumbers given) {
        this.half = half;
        this.sizes = sizes;
        this.maps = maps;
        this.given = given;
    }

    /**
     * Writes a table in which everything is built. This half must not be in force.
     *
     * @param nextHop the place of the way to a realserver, by its number
     * @param random where the search for a seed begins
     * @return why it does not fit
     */
    Optional<Refused> load(ForwardingTable table, Groups groups, IntUnaryOperator nextHop, long random) {
        clear();
        List<Places.Place> vips = new ArrayList<>();
        Map<Places.Place, List<Integer>> endpoints = new HashMap<>();
        Map<Integer, ServedService> loaded = new HashMap<>();
        Set<Integer> used = new HashSet<>();
        int firstSlot = 0;
        for (ForwardedService service : table.services()) {
            if (service.slot() >= sizes.services()) return tooMany("virtual services", sizes.services());
            int[] its = new int[service.servers().size()];
            for (int i = 0; i < its.length; i++) {
                ForwardedServer server = service.servers().get(i);
                its[i] = given.of(new ServerNumbers.Place(service.key(), server.endpoint()));
                if (its[i] < 0) return tooMany("realservers", sizes.servers());
                used.add(its[i]);
                if (!(server.forwarding() instanceof Forwarding.Nat)) continue;
                List<Integer> sharing =
                        endpoints.computeIfAbsent(place(service, server.endpoint(), 0), _ -> new ArrayList<>());
                // The program asks the first of them when no note says whose an answer is.
                if (groups.soleUntil(service, server.endpoint()).isPresent()) sharing.addFirst(its[i]);
                else sharing.add(its[i]);
            }
            ServedService served = new ServedService(service, firstSlot, its);
            int slots = ServedService.slots(service.schedule()) + served.candidates().length;
            if (firstSlot + slots > sizes.slots()) return tooMany("slots of schedulers", sizes.slots());
            firstSlot += slots;
            vips.add(place(service, service.key().vip(), service.slot()));
            loaded.put(service.slot(), served);
        }
        for (ServedService served : loaded.values()) write(served, groups, nextHop);
        link(endpoints.values());
        List<Places.Place> sources = firsts(endpoints);
        vips.addAll(pieces(vips, loaded, groups));
        sources.addAll(piecesOfReplies(endpoints, table, groups));
        if (!writePlaces(vips, sources, random)) {
            return Optional.of(new Refused("no seed spreads these services evenly enough", "try again"));
        }
        services = loaded;
        numbers = used;
        return Optional.empty();
    }

    private static Optional<Refused> tooMany(String what, int most) {
        return Optional.of(new Refused("more " + what + " than the kernel plane's maps hold: " + most, ""));
    }

    private static Places.Place place(ForwardedService service, Endpoint endpoint, int at) {
        return new Places.Place(endpoint, service.key().protocol() == Protocol.TCP ? TCP : UDP, at);
    }

    private static List<Places.Place> firsts(Map<Places.Place, List<Integer>> endpoints) {
        List<Places.Place> firsts = new ArrayList<>();
        endpoints.forEach(
                (place, its) -> firsts.add(new Places.Place(place.endpoint(), place.protocol(), its.getFirst())));
        return firsts;
    }

    /** Where a fragment without ports belongs to one service all the same: to the only one there, which goes by no port. */
    private static List<Places.Place> pieces(
            List<Places.Place> vips, Map<Integer, ServedService> services, Groups groups) {
        Map<Places.Place, List<Integer>> alone = new HashMap<>();
        for (Places.Place vip : vips)
            alone.computeIfAbsent(piece(vip, 0), _ -> new ArrayList<>()).add(vip.at());
        List<Places.Place> pieces = new ArrayList<>();
        alone.forEach((place, slots) -> {
            ServedService served = services.get(slots.getFirst());
            if (slots.size() > 1 || served == null) return;
            int flags = flags(served, groups);
            boolean byAddress = (flags & Abi.ONE_PACKET) != 0 && (flags & (Abi.HASH_PORT | Abi.NOTES_CLIENT)) == 0;
            if (byAddress) pieces.add(piece(place, slots.getFirst()));
        });
        return pieces;
    }

    /** The same for what comes from realservers: from an address with one endpoint, of one one-packet service. */
    private static List<Places.Place> piecesOfReplies(
            Map<Places.Place, List<Integer>> endpoints, ForwardingTable table, Groups groups) {
        Map<Places.Place, List<Integer>> alone = new HashMap<>();
        endpoints.forEach((place, its) ->
                alone.computeIfAbsent(piece(place, 0), _ -> new ArrayList<>()).addAll(its));
        Set<Endpoint> stateless = new HashSet<>();
        for (ForwardedService service : table.services()) {
            if (!service.onePacket() || groups.shared(service.slot())) continue;
            for (ForwardedServer server : service.servers()) stateless.add(server.endpoint());
        }
        List<Places.Place> pieces = new ArrayList<>();
        endpoints.forEach((place, its) -> {
            if (alone.getOrDefault(piece(place, 0), List.of()).size() > 1) return;
            if (stateless.contains(place.endpoint())) pieces.add(piece(place, its.getFirst()));
        });
        return pieces;
    }

    private static Places.Place piece(Places.Place place, int at) {
        Endpoint endpoint = new Endpoint(place.endpoint().address(), 0);
        return new Places.Place(endpoint, place.protocol() | Abi.PIECES, at);
    }

    private boolean writePlaces(List<Places.Place> vips, List<Places.Place> endpoints, long random) {
        int serviceMask = sizes.serviceBuckets() - 1;
        int endpointMask = sizes.endpointBuckets() - 1;
        OptionalLong seed = Places.seed(vips, serviceMask, endpoints, endpointMask, random);
        if (seed.isEmpty()) return false;
        Places.write(
                new Places.Tables(maps.servicePlaces(), maps.servicePlaces6(), serviceMask),
                half,
                seed.getAsLong(),
                vips);
        Places.write(
                new Places.Tables(maps.endpointPlaces(), maps.endpointPlaces6(), endpointMask),
                half,
                seed.getAsLong(),
                endpoints);
        maps.control().set(JAVA_LONG, SEED + (long) half * Long.BYTES, seed.getAsLong());
        return true;
    }

    private void write(ServedService served, Groups groups, IntUnaryOperator nextHop) {
        ForwardedService service = served.service;
        int slots = writeSlots(served);
        int[] candidates = served.candidates();
        for (int i = 0; i < candidates.length; i++) nobodyOr(served, slots + i, candidates[i]);
        for (int i = 0; i < served.numbers.length; i++) writeServer(served, i, groups, nextHop);
        MemorySegment record = service(service.slot());
        record.set(JAVA_INT, FIRST_SLOT, served.firstSlot);
        record.set(JAVA_INT, SLOTS, slots);
        Abi.put(record, VIP_ADDRESS, service.key().vip().address());
        record.set(JAVA_SHORT, VIP_PORT, Abi.wire((short) service.key().vip().port()));
        record.set(JAVA_SHORT, FLAGS, (short) flags(served, groups));
        record.set(JAVA_INT, FIRST_CANDIDATE, served.firstSlot + slots);
        record.set(JAVA_INT, CANDIDATES, candidates.length);
        record.set(JAVA_SHORT, GROUP, (short) groups.of(service.slot()));
        record.set(JAVA_BYTE, ALGORITHM, (byte) Algorithm.of(service.schedule()).number());
        record.set(JAVA_INT, LIFE, Ticks.of(service.udpTimeoutNanos()));
        Affinity affinity = service.persistence();
        if (affinity != null) {
            record.set(JAVA_BYTE, PREFIX, (byte) affinity.prefixLength());
            record.set(JAVA_INT, TEMPLATE_LIFE, Ticks.of(affinity.timeoutNanos()));
        }
        deal(served);
    }

    private static int flags(ServedService served, Groups groups) {
        ForwardedService service = served.service;
        boolean shares = groups.shared(service.slot());
        int flags = 0;
        if (service.onePacket()) flags |= Abi.ONE_PACKET;
        if (shares || !service.onePacket()) flags |= Abi.ASKS_FLOW;
        if (shares && service.onePacket() && service.responses() != 0) flags |= Abi.NOTES_CLIENT;
        if (shares) flags |= Abi.SHARES;
        if (groups.onePacket(service.slot())) flags |= Abi.GROUP_ONE_PACKET;
        if (service.persistence() != null) flags |= Abi.PERSISTENT;
        if (served.thresholds()) flags |= Abi.THRESHOLDS;
        if (service.schedule() instanceof SlotTable table) {
            if (table.withPort()) flags |= Abi.HASH_PORT;
            if (table.fallback()) flags |= Abi.HASH_FALLBACK;
        }
        return flags;
    }

    /** Answers how many slots the schedule has. */
    private int writeSlots(ServedService served) {
        switch (served.service.schedule()) {
            case Rotation rotation -> {
                for (int slot = 0; slot < rotation.length(); slot++) {
                    nobodyOr(served, slot, rotation.candidateAt(slot));
                    maps.slots().set(JAVA_SHORT, slot(served, slot) + SLOT_ORDINAL, (short) rotation.ordinalAt(slot));
                }
            }
            case SlotTable table -> {
                for (int slot = 0; slot < table.length(); slot++) nobodyOr(served, slot, table.candidateAt(slot));
            }
            case LeastPick _ -> {} // it looks at the candidates alone
        }
        return ServedService.slots(served.service.schedule());
    }

    private void nobodyOr(ServedService served, int slot, int candidate) {
        int number = candidate < 0 ? Abi.NOBODY : served.numbers[candidate];
        maps.slots().set(JAVA_SHORT, slot(served, slot) + SLOT_SERVER, (short) number);
    }

    private void writeServer(ServedService served, int candidate, Groups groups, IntUnaryOperator nextHop) {
        ForwardedServer server = served.service.servers().get(candidate);
        int number = served.numbers[candidate];
        MemorySegment record = server(number);
        record.set(JAVA_LONG, STATE, state(number, server.usability(), server.generation()));
        record.set(JAVA_INT, NEXT_HOP, nextHop.applyAsInt(number));
        Abi.put(record, SERVER_ADDRESS, server.endpoint().address());
        record.set(JAVA_SHORT, SERVER_PORT, Abi.wire((short) server.endpoint().port()));
        record.set(JAVA_BYTE, METHOD, (byte) method(server.forwarding()));
        record.set(JAVA_INT, SERVER_SERVICE, served.service.slot());
        record.set(JAVA_INT, SAME_ENDPOINT, Abi.NOWHERE);
        groups.soleUntil(served.service, server.endpoint())
                .ifPresent(until -> record.set(JAVA_INT, SOLE_UNTIL, Math.max(1, Ticks.at(until))));
        record.set(JAVA_INT, WEIGHT, server.weight());
        record.set(JAVA_INT, UPPER, server.upperThreshold());
        int lower = server.lowerThreshold() > 0
                ? server.lowerThreshold()
                : server.upperThreshold() - server.upperThreshold() / 4;
        record.set(JAVA_INT, LOWER, lower);
        int flags = server.weight() > 0 ? Abi.WEIGHTED : 0;
        if (served.service.schedule() instanceof SlotTable table && table.draining(candidate)) flags |= Abi.DRAINING;
        if (server.endpoint().address().v6()) flags |= Abi.OUTER_V6;
        if (server.forwarding() instanceof Forwarding.Tunnel tunnel) {
            record.set(JAVA_SHORT, TUNNEL_PORT, Abi.wire((short) tunnel.port()));
        }
        record.set(JAVA_BYTE, SERVER_FLAGS, (byte) flags);
        if (served.service.schedule() instanceof Rotation rotation) {
            record.set(JAVA_INT, TURNS, rotation.slotsOf(candidate));
        }
    }

    private static int method(Forwarding forwarding) {
        return switch (forwarding) {
            case Forwarding.Nat _ -> Abi.NAT;
            case Forwarding.DirectRouting _ -> Abi.DIRECT;
            case Forwarding.Tunnel tunnel ->
                switch (tunnel.kind()) {
                    case IPIP -> Abi.IPIP;
                    case GUE -> Abi.GUE;
                    case GRE -> Abi.GRE;
                };
        };
    }

    /** Each realserver names the next with the same endpoint. */
    private void link(Iterable<List<Integer>> endpoints) {
        for (List<Integer> same : endpoints) {
            for (int i = 1; i < same.size(); i++) server(same.get(i - 1)).set(JAVA_INT, SAME_ENDPOINT, same.get(i));
        }
    }

    /** Writes out who gets the turns of the unusable, on the side that does not count, and then says so. */
    private void deal(ServedService served) {
        char[] dealt = served.dealt();
        int side = served.otherSide();
        if (served.service.schedule() instanceof Rotation) {
            for (int i = 0; i < dealt.length; i++) {
                maps.slots().set(JAVA_SHORT, slot(served, i) + DEALT + 2L * side, (short) served.numbers[dealt[i]]);
            }
        } else {
            for (int number : served.numbers) maps.loads().set(JAVA_LONG, number * LOAD_BYTES + LATELY, 0); // all level
        }
        long suspects = served.suspectsServe() ? 1L << Abi.DEAL_SUSPECTS : 0;
        WORD.setRelease(service(served.service.slot()), DEAL, (long) side << Abi.DEAL_SIDE | suspects | dealt.length);
    }

    private long slot(ServedService served, int slot) {
        return ((long) half * sizes.slots() + served.firstSlot + slot) * SLOT_BYTES;
    }

    /** Forgets its table: nobody stands in it, and a flow finds its realserver shut. */
    void clear() {
        services = Map.of();
        numbers = Set.of();
        maps.services()
                .asSlice((long) half * sizes.services() * SERVICE_BYTES, sizes.services() * SERVICE_BYTES)
                .fill((byte) 0);
        MemorySegment servers =
                maps.servers().asSlice((long) half * sizes.servers() * SERVER_BYTES, sizes.servers() * SERVER_BYTES);
        servers.fill((byte) 0);
        for (int i = 0; i < sizes.servers(); i++) {
            servers.set(JAVA_LONG, i * SERVER_BYTES + STATE, Abi.usability(Usability.SHUT));
            servers.set(JAVA_INT, i * SERVER_BYTES + SERVER_SERVICE, Abi.NOWHERE);
        }
    }

    /** Changes one realserver's state; nothing if this half does not have it. */
    void flip(ServerFlip flip) {
        ServedService served = services.get(flip.serviceSlot());
        int candidate = served == null ? -1 : served.candidate(flip.serverSlot());
        if (served == null || candidate < 0) return;
        served.state(candidate, flip.usability());
        int number = served.numbers[candidate];
        WORD.setRelease(server(number), STATE, state(number, flip.usability(), flip.generation()));
        deal(served);
    }

    /** Leads one realserver's packets over another next hop; nothing if this half does not have it. */
    void reroute(int number, int nextHop) {
        if (numbers.contains(number)) HALF_WORD.setRelease(server(number), NEXT_HOP, nextHop);
    }

    private long state(int number, Usability usability, int generation) {
        return Abi.usability(usability) | (long) given.generation(number, generation) << 16;
    }

    private MemorySegment server(int number) {
        return maps.servers().asSlice(((long) half * sizes.servers() + number) * SERVER_BYTES, SERVER_BYTES);
    }

    private MemorySegment service(int slot) {
        return maps.services().asSlice(((long) half * sizes.services() + slot) * SERVICE_BYTES, SERVICE_BYTES);
    }

    private static final VarHandle WORD = JAVA_LONG.varHandle();
    private static final VarHandle HALF_WORD = JAVA_INT.varHandle();

    private static final long SEED = Abi.offset(Abi.CONTROL, "seed");
    private static final long SLOT_BYTES = Abi.SLOT.byteSize();
    private static final long SLOT_SERVER = Abi.offset(Abi.SLOT, "server");
    private static final long SLOT_ORDINAL = Abi.offset(Abi.SLOT, "ordinal");
    private static final long DEALT = Abi.offset(Abi.SLOT, "dealt");
    private static final long SERVER_BYTES = Abi.SERVER.byteSize();
    private static final long STATE = Abi.offset(Abi.SERVER, "state");
    private static final long NEXT_HOP = Abi.offset(Abi.SERVER, "next_hop");
    private static final long TURNS = Abi.offset(Abi.SERVER, "turns");
    private static final long SERVER_ADDRESS = Abi.offset(Abi.SERVER, "address");
    private static final long SERVER_PORT = Abi.offset(Abi.SERVER, "port");
    private static final long METHOD = Abi.offset(Abi.SERVER, "method");
    private static final long SERVER_FLAGS = Abi.offset(Abi.SERVER, "flags");
    private static final long SERVER_SERVICE = Abi.offset(Abi.SERVER, "service");
    private static final long SOLE_UNTIL = Abi.offset(Abi.SERVER, "sole_until");
    private static final long SAME_ENDPOINT = Abi.offset(Abi.SERVER, "same_endpoint");
    private static final long WEIGHT = Abi.offset(Abi.SERVER, "weight");
    private static final long UPPER = Abi.offset(Abi.SERVER, "upper");
    private static final long LOWER = Abi.offset(Abi.SERVER, "lower");
    private static final long TUNNEL_PORT = Abi.offset(Abi.SERVER, "tunnel_port");
    private static final long LOAD_BYTES = Abi.LOAD.byteSize();
    private static final long LATELY = Abi.offset(Abi.LOAD, "lately");
    private static final long SERVICE_BYTES = Abi.SERVICE.byteSize();
    private static final long FIRST_SLOT = Abi.offset(Abi.SERVICE, "first_slot");
    private static final long SLOTS = Abi.offset(Abi.SERVICE, "slots");
    private static final long DEAL = Abi.offset(Abi.SERVICE, "deal");
    private static final long VIP_ADDRESS = Abi.offset(Abi.SERVICE, "address");
    private static final long VIP_PORT = Abi.offset(Abi.SERVICE, "port");
    private static final long FLAGS = Abi.offset(Abi.SERVICE, "flags");
    private static final long FIRST_CANDIDATE = Abi.offset(Abi.SERVICE, "first_candidate");
    private static final long CANDIDATES = Abi.offset(Abi.SERVICE, "candidates");
    private static final long GROUP = Abi.offset(Abi.SERVICE, "group");
    private static final long ALGORITHM = Abi.offset(Abi.SERVICE, "algorithm");
    private static final long PREFIX = Abi.offset(Abi.SERVICE, "prefix");
    private static final long LIFE = Abi.offset(Abi.SERVICE, "life");
    private static final long TEMPLATE_LIFE = Abi.offset(Abi.SERVICE, "template_life");
}
