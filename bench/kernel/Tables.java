package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.schedule.Schedule;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The services that are measured, all in one table, written by the plane's own code; ten realservers each. */
final class Tables {
    /** Test runs come in on loopback, which is number 1; what leaves there again is XDP_TX. */
    static final int HERE = 1;

    static final int ELSEWHERE = 7;

    private static final String DIRECTOR = "198.18.0.1";
    private static final int SERVERS = 10;
    private static final int MTU = 1_500;
    private static final long IDLE_NANOS = 300_000_000_000L;

    private final KernelObject object;
    private final MapSizes sizes;
    private final ServerNumbers numbers;
    private final NextHopTable nextHops;
    private final List<ForwardedService> services = new ArrayList<>();
    private long destinationMac = 0x0200_0000_0101L;
    private long sourceMac = 0x0200_0000_0001L;

    Tables(KernelObject object) {
        this.object = object;
        sizes = object.sizes();
        numbers = new ServerNumbers(sizes.servers());
        nextHops = new NextHopTable(object.maps().nextHops(), sizes);
    }

    /**
     * A service, and the group of realservers that it has.
     *
     * @param servers realserver i of group g is 198.18.g.(i + 1), or 2001:db8::g:(i + 1)
     * @param out the interface they are behind
     * @return its slot
     */
    int add(
            String key,
            Scheduling scheduling,
            boolean onePacket,
            Forwarding forwarding,
            int servers,
            int port,
            int out) {
        boolean v6 = key.startsWith("[");
        String pattern = v6 ? "2001:db8::%x:".formatted(servers) + "%x" : "198.18.%d.".formatted(servers) + "%d";
        return add(key, scheduling, onePacket, forwarding, pattern, 1, port, out);
    }

    /**
     * A service.
     *
     * @param pattern of its realservers' addresses, with the place of a number, which is {@code first} for the first
     */
    int add(
            String key,
            Scheduling scheduling,
            boolean onePacket,
            Forwarding forwarding,
            String pattern,
            int first,
            int port,
            int out) {
        ServiceKey service = ServiceKey.parse(key).orElseThrow();
        int slot = services.size();
        List<ForwardedServer> its = new ArrayList<>();
        List<Schedule.Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < SERVERS; i++) {
            Endpoint endpoint = new Endpoint(IpAddress.of(pattern.formatted(first + i)), port);
            its.add(new ForwardedServer(i, endpoint, forwarding, 1, Usability.OPEN, 0, 0, 0));
            candidates.add(new Schedule.Candidate(endpoint, 1, 1, true));
            int number = numbers.of(new ServerNumbers.Place(service, endpoint));
            nextHops.put(
                    number, new NextHop.Resolved(out, destinationMac, sourceMac, MTU, IpAddress.of(DIRECTOR), true));
        }
        services.add(new ForwardedService(
                slot,
                service,
                Schedule.compile(scheduling, candidates, onePacket, false),
                onePacket,
                ForwardedService.UNKNOWN_RESPONSES,
                IDLE_NANOS,
                null,
                false,
                false,
                0,
                its));
        return slot;
    }

    /** Frames to this address on this interface are for the director. */
    void takesPart(int ifindex, String mac) {
        MemorySegment record = object.maps()
                .interfaces()
                .asSlice((ifindex & (Abi.INTERFACES - 1)) * Abi.INTERFACE.byteSize(), Abi.INTERFACE.byteSize());
        byte[] bytes = Packet.mac(mac);
        MemorySegment.copy(bytes, 0, record, JAVA_BYTE, Abi.offset(Abi.INTERFACE, "address"), bytes.length);
        record.set(JAVA_INT, 0, ifindex);
    }

    /** The hardware addresses by which realservers are reached that are added from now on. */
    void wayTo(String destination, String source) {
        destinationMac = Long.parseLong(destination, 16);
        sourceMac = Long.parseLong(source, 16);
    }

    /** Puts all of them in force. */
    void commit() {
        MapMemory maps = object.maps();
        new OwnAddresses(maps, sizes).add(IpAddress.of(DIRECTOR));
        ForwardingTable table = new ForwardingTable(1, services, 0, List.of());
        new TableHalf(0, sizes, maps, numbers)
                .load(table, Groups.NONE.of(table), nextHops::of, 42)
                .ifPresent(refused -> {
                    throw new IllegalStateException(refused.toString());
                });
    }

    /** What was counted for a service. */
    ServiceCounters counters(int slot) {
        Map<Integer, Integer> bySlot = new HashMap<>();
        ForwardedService service = services.get(slot);
        for (ForwardedServer server : service.servers()) {
            bySlot.put(server.slot(), numbers.of(new ServerNumbers.Place(service.key(), server.endpoint())));
        }
        return new KernelCounters(object.maps(), sizes).service(slot, bySlot);
    }

    long passedUp() {
        return new KernelCounters(object.maps(), sizes).passedUp();
    }
}
