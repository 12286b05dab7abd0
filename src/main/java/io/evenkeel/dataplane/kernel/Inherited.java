package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.evenkeel.dataplane.Inheritance;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.ServiceKey;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What another process left in force, read back from the half of the maps that packets see: who stands under which number,
 * so that turns, counters and flows are still theirs. Pure; any thread, while nobody writes that half.
 *
 * @param half 0 or 1
 * @param services each service's number
 * @param groups and the group of each number
 */
record Inherited(int half, Map<ServiceKey, Integer> services, Map<Integer, Integer> groups, List<Server> servers) {
    private static final int UDP = 17;
    private static final int TCP = 6;
    private static final int GENERATION_SHIFT = 16;

    /**
     * A realserver.
     *
     * @param number in the maps
     * @param generation that its flows name, 16 bits
     * @param nextHop place of the way to it
     */
    record Server(ServerNumbers.Place place, int number, Usability usability, int generation, int nextHop) {}

    Inherited {
        services = Map.copyOf(services);
        groups = Map.copyOf(groups);
        servers = List.copyOf(servers);
    }

    static Inherited read(MapMemory maps, MapSizes sizes) {
        int half = maps.control().get(JAVA_INT, HALF) & 1;
        Map<Integer, ServiceKey> keys = new HashMap<>();
        Map<ServiceKey, Integer> services = new HashMap<>();
        Map<Integer, Integer> groups = new HashMap<>();
        Places.Tables tables =
                new Places.Tables(maps.servicePlaces(), maps.servicePlaces6(), sizes.serviceBuckets() - 1);
        for (Places.Place place : Places.read(tables, half)) {
            if (place.protocol() != UDP && place.protocol() != TCP) continue; // for fragments, beside the same service
            if (place.at() < 0 || place.at() >= sizes.services()) continue;
            ServiceKey key = new ServiceKey(place.protocol() == TCP ? Protocol.TCP : Protocol.UDP, place.endpoint());
            keys.put(place.at(), key);
            services.put(key, place.at());
            groups.put(place.at(), group(maps.services(), (long) half * sizes.services() + place.at()));
        }
        return new Inherited(half, services, groups, servers(maps, sizes, half, keys));
    }

    private static int group(MemorySegment services, long index) {
        return Short.toUnsignedInt(services.get(JAVA_SHORT, index * SERVICE_BYTES + GROUP));
    }

    private static List<Server> servers(MapMemory maps, MapSizes sizes, int half, Map<Integer, ServiceKey> keys) {
        List<Server> servers = new ArrayList<>();
        for (int number = 0; number < sizes.servers(); number++) {
            long at = ((long) half * sizes.servers() + number) * SERVER_BYTES;
            int port = Short.toUnsignedInt(Abi.wire(maps.servers().get(JAVA_SHORT, at + PORT)));
            ServiceKey service = keys.get(maps.servers().get(JAVA_INT, at + SERVICE));
            if (service == null) continue;
            boolean v6 = (maps.servers().get(JAVA_BYTE, at + FLAGS) & Abi.OUTER_V6) != 0;
            Endpoint endpoint = new Endpoint(Abi.address(maps.servers(), at + ADDRESS, v6), port);
            long state = maps.servers().get(JAVA_LONG, at + STATE);
            int nextHop = maps.servers().get(JAVA_INT, at + NEXT_HOP);
            if (nextHop < 0 || nextHop >= sizes.nextHops()) nextHop = NextHopTable.UNKNOWN;
            servers.add(new Server(
                    new ServerNumbers.Place(service, endpoint),
                    number,
                    usability((int) state & 0xffff),
                    (int) (state >>> GENERATION_SHIFT) & 0xffff,
                    nextHop));
        }
        return servers;
    }

    private static Usability usability(int number) {
        for (Usability usability : Usability.values()) if (Abi.usability(usability) == number) return usability;
        return Usability.SHUT;
    }

    /** Nothing was in force. */
    boolean empty() {
        return services.isEmpty();
    }

    /** As the director hears of it. */
    Inheritance forDirector(KernelCounters counters) {
        Map<ServiceKey, Map<Endpoint, Inheritance.Server>> all = new HashMap<>();
        for (Server server : servers) {
            all.computeIfAbsent(server.place.service(), _ -> new HashMap<>())
                    .put(
                            server.place.endpoint(),
                            new Inheritance.Server(server.usability, counters.forwarded(server.number)));
        }
        return new Inheritance(all);
    }

    private static final long HALF = Abi.offset(Abi.CONTROL, "half");
    private static final long SERVICE_BYTES = Abi.SERVICE.byteSize();
    private static final long GROUP = Abi.offset(Abi.SERVICE, "group");
    private static final long SERVER_BYTES = Abi.SERVER.byteSize();
    private static final long STATE = Abi.offset(Abi.SERVER, "state");
    private static final long NEXT_HOP = Abi.offset(Abi.SERVER, "next_hop");
    private static final long ADDRESS = Abi.offset(Abi.SERVER, "address");
    private static final long PORT = Abi.offset(Abi.SERVER, "port");
    private static final long FLAGS = Abi.offset(Abi.SERVER, "flags");
    private static final long SERVICE = Abi.offset(Abi.SERVER, "service");
}
