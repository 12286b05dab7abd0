package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Refused;
import io.evenkeel.schedule.Rotation;
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

    private final int half;
    private final MapSizes sizes;
    private final MapMemory maps;
    private Map<Integer, Served> services = Map.of();
    private Set<Integer> numbers = Set.of(); // of the realservers in it

    /** What of a service may change while its table is in force. */
    private static final class Served {
        final int slot;
        final Rotation rotation;
        final int firstSlot;
        final int[] numbers; // candidate → realserver's number
        final int[] slots; // candidate → its slot in the service
        final Usability[] states;
        int side;

        Served(ForwardedService service, Rotation rotation, int firstSlot, int[] numbers) {
            this.slot = service.slot();
            this.rotation = rotation;
            this.firstSlot = firstSlot;
            this.numbers = numbers;
            List<ForwardedServer> servers = service.servers();
            slots = servers.stream().mapToInt(ForwardedServer::slot).toArray();
            states = servers.stream().map(ForwardedServer::usability).toArray(Usability[]::new);
        }

        boolean suspectsServe() {
            for (Usability state : states) if (state == Usability.OPEN) return false;
            return true;
        }

        char[] dealt() {
            boolean suspects = suspectsServe();
            return rotation.dealt(i -> states[i] == Usability.OPEN || (suspects && states[i] == Usability.SUSPECT));
        }
    }

    /** @param half 0 or 1 */
    TableHalf(int half, MapSizes sizes, MapMemory maps) {
        this.half = half;
        this.sizes = sizes;
        this.maps = maps;
    }

    /**
     * Writes a table in which everything is built. This half must not be in force.
     *
     * @param given where the realservers' numbers come from
     * @param nextHop the place of the way to a realserver, by its number
     * @param random where the search for a seed begins
     * @return why it does not fit
     */
    Optional<Refused> load(ForwardingTable table, ServerNumbers given, IntUnaryOperator nextHop, long random) {
        clear();
        List<Places.Place> vips = new ArrayList<>();
        List<Places.Place> endpoints = new ArrayList<>();
        Map<Integer, Served> loaded = new HashMap<>();
        Set<Integer> used = new HashSet<>();
        int firstSlot = 0;
        for (ForwardedService service : table.services()) {
            if (service.slot() >= sizes.services()) return tooMany("virtual services", sizes.services());
            Rotation rotation = (Rotation) service.schedule();
            if (firstSlot + rotation.length() > sizes.slots()) return tooMany("slots of rotations", sizes.slots());
            int[] its = new int[service.servers().size()];
            for (int i = 0; i < its.length; i++) {
                ForwardedServer server = service.servers().get(i);
                its[i] = given.of(new ServerNumbers.Place(service.slot(), server.slot()));
                if (its[i] < 0) return tooMany("realservers", sizes.servers());
                endpoints.add(place(server.endpoint(), its[i]));
                used.add(its[i]);
            }
            vips.add(place(service.key().vip(), service.slot()));
            Served served = new Served(service, rotation, firstSlot, its);
            write(service, served, nextHop);
            loaded.put(service.slot(), served);
            firstSlot += rotation.length();
        }
        if (!writePlaces(vips, endpoints, random)) {
            return Optional.of(new Refused("no seed spreads these services evenly enough", "try again"));
        }
        services = loaded;
        numbers = used;
        return Optional.empty();
    }

    private static Optional<Refused> tooMany(String what, int most) {
        return Optional.of(new Refused("more " + what + " than the kernel plane's maps hold: " + most, ""));
    }

    private static Places.Place place(Endpoint endpoint, int at) {
        return new Places.Place((int) endpoint.address().low(), endpoint.port(), UDP, at);
    }

    private boolean writePlaces(List<Places.Place> vips, List<Places.Place> endpoints, long random) {
        int serviceMask = sizes.serviceBuckets() - 1;
        int endpointMask = sizes.endpointBuckets() - 1;
        OptionalLong seed = Places.seed(vips, serviceMask, endpoints, endpointMask, random);
        if (seed.isEmpty()) return false;
        Places.write(maps.servicePlaces(), half * (serviceMask + 1), serviceMask, seed.getAsLong(), vips);
        Places.write(maps.endpointPlaces(), half * (endpointMask + 1), endpointMask, seed.getAsLong(), endpoints);
        maps.control().set(JAVA_LONG, SEED + (long) half * Long.BYTES, seed.getAsLong());
        return true;
    }

    private void write(ForwardedService service, Served served, IntUnaryOperator nextHop) {
        Rotation rotation = served.rotation;
        for (int slot = 0; slot < rotation.length(); slot++) {
            long at = slot(served, slot);
            maps.slots().set(JAVA_SHORT, at + SLOT_SERVER, (short) served.numbers[rotation.candidateAt(slot)]);
            maps.slots().set(JAVA_SHORT, at + SLOT_ORDINAL, (short) rotation.ordinalAt(slot));
        }
        for (int i = 0; i < served.numbers.length; i++) {
            ForwardedServer server = service.servers().get(i);
            MemorySegment record = server(served.numbers[i]);
            record.fill((byte) 0);
            record.set(JAVA_LONG, STATE, state(server.usability(), server.generation()));
            record.set(JAVA_INT, NEXT_HOP, nextHop.applyAsInt(served.numbers[i]));
            record.set(JAVA_INT, TURNS, rotation.slotsOf(i));
            record.set(JAVA_INT, SERVER_ADDRESS, Abi.wire((int)
                    server.endpoint().address().low()));
            record.set(
                    JAVA_SHORT, SERVER_PORT, Abi.wire((short) server.endpoint().port()));
            record.set(JAVA_INT, SERVER_SERVICE, service.slot());
        }
        MemorySegment record = service(service.slot());
        record.fill((byte) 0);
        record.set(JAVA_INT, FIRST_SLOT, served.firstSlot);
        record.set(JAVA_INT, SLOTS, rotation.length());
        record.set(JAVA_INT, VIP_ADDRESS, Abi.wire((int)
                service.key().vip().address().low()));
        record.set(JAVA_SHORT, VIP_PORT, Abi.wire((short) service.key().vip().port()));
        deal(served);
    }

    /** Writes out who gets the turns of the unusable, on the side that does not count, and then says so. */
    private void deal(Served served) {
        char[] dealt = served.dealt();
        served.side ^= 1;
        for (int i = 0; i < dealt.length; i++) {
            maps.slots().set(JAVA_SHORT, slot(served, i) + DEALT + 2L * served.side, (short) served.numbers[dealt[i]]);
        }
        long suspects = served.suspectsServe() ? 1L << Abi.DEAL_SUSPECTS : 0;
        WORD.setRelease(service(served.slot), DEAL, (long) served.side << Abi.DEAL_SIDE | suspects | dealt.length);
    }

    private long slot(Served served, int slot) {
        return ((long) half * sizes.slots() + served.firstSlot + slot) * SLOT_BYTES;
    }

    /** Forgets its table; changes do not reach it any more. */
    void clear() {
        services = Map.of();
        numbers = Set.of();
    }

    /** Changes one realserver's state; nothing if this half does not have it. */
    void flip(ServerFlip flip) {
        Served served = services.get(flip.serviceSlot());
        if (served == null) return;
        for (int i = 0; i < served.slots.length; i++) {
            if (served.slots[i] != flip.serverSlot()) continue;
            served.states[i] = flip.usability();
            WORD.setRelease(server(served.numbers[i]), STATE, state(flip.usability(), flip.generation()));
            deal(served);
        }
    }

    /** Leads one realserver's packets over another next hop; nothing if this half does not have it. */
    void reroute(int number, int nextHop) {
        if (numbers.contains(number)) HALF_WORD.setRelease(server(number), NEXT_HOP, nextHop);
    }

    private static long state(Usability usability, int generation) {
        return Abi.usability(usability) | (generation & 0xffffL) << 16;
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
    private static final long SERVER_SERVICE = Abi.offset(Abi.SERVER, "service");
    private static final long SERVICE_BYTES = Abi.SERVICE.byteSize();
    private static final long FIRST_SLOT = Abi.offset(Abi.SERVICE, "first_slot");
    private static final long SLOTS = Abi.offset(Abi.SERVICE, "slots");
    private static final long DEAL = Abi.offset(Abi.SERVICE, "deal");
    private static final long VIP_ADDRESS = Abi.offset(Abi.SERVICE, "address");
    private static final long VIP_PORT = Abi.offset(Abi.SERVICE, "port");
}
