package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfProgram.TestRun;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.schedule.Schedule;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The loaded program with tables, without interfaces: for test runs. Packets come in on interface 1. */
final class ProgramRig implements AutoCloseable {
    private static final int IN = 1;
    private static final int OUT = 7;
    private static final int MTU = 1_500;
    private static final String OWN = "198.18.0.7";
    private static final MapSizes SIZES = new MapSizes(16, 64, 32_768, 64, 32);

    private final KernelObject object;
    private final TableHalf[] halves;
    private final ServerNumbers numbers = new ServerNumbers(SIZES.servers());
    private final NextHopTable nextHops;
    private Groups groups = Groups.NONE;
    private int half;

    private ProgramRig(KernelObject object) {
        this.object = object;
        halves = new TableHalf[] {
            new TableHalf(0, SIZES, object.maps(), numbers), new TableHalf(1, SIZES, object.maps(), numbers)
        };
        nextHops = new NextHopTable(object.maps().nextHops(), SIZES);
        MemorySegment in = object.maps().interfaces().asSlice(IN * Abi.INTERFACE.byteSize());
        MemorySegment.copy(
                MemorySegment.ofArray(Frame.mac("02:00:00:00:00:01")), 0, in, Abi.offset(Abi.INTERFACE, "address"), 6);
        in.set(JAVA_INT, 0, IN);
        new OwnAddresses(object.maps(), SIZES).add(IpAddress.of(OWN));
    }

    static ProgramRig load(Path directory) {
        return new ProgramRig(KernelObject.load(
                Bpf.load(Bpf.LIBRARY), KernelObject.bytes().orElseThrow(), SIZES, directory.resolve("log")));
    }

    /** A one-packet service; realserver i is 198.18.1.(i + 1):6514. */
    static ForwardedService service(int slot, String vip, int... weights) {
        List<ForwardedServer> servers = new ArrayList<>();
        List<Schedule.Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            Endpoint endpoint = Frame.endpoint("198.18.1." + (i + 1) + ":6514");
            servers.add(new ForwardedServer(i, endpoint, new Forwarding.Nat(), weights[i], Usability.OPEN, 0, 0, 0));
            candidates.add(new Schedule.Candidate(endpoint, weights[i], weights[i], true));
        }
        return new ForwardedService(
                slot,
                new ServiceKey(Protocol.UDP, Frame.endpoint(vip)),
                Schedule.compile(new Scheduling.WeightedRoundRobin(), candidates, true, false),
                true,
                ForwardedService.UNKNOWN_RESPONSES,
                30_000_000_000L,
                null,
                false,
                false,
                0,
                servers);
    }

    void commit(ForwardedService... services) {
        for (ForwardedService service : services) {
            for (ForwardedServer server : service.servers()) {
                int number = numbers.of(new ServerNumbers.Place(service.slot(), server.slot()));
                if (nextHops.of(number) != NextHopTable.UNKNOWN) continue;
                nextHops.put(
                        number, new NextHop.Resolved(OUT, 0x0200_0000_0101L + server.slot(), 0x0200_0000_0007L, MTU));
            }
        }
        ForwardingTable table = new ForwardingTable(1, List.of(services), 0, List.of());
        half ^= 1;
        groups = groups.of(table);
        halves[half].load(table, groups, nextHops::of, 42).ifPresent(refused -> {
            throw new AssertionError(refused.toString());
        });
        object.maps().control().set(JAVA_INT, Abi.offset(Abi.CONTROL, "half"), half);
    }

    void flip(ServerFlip flip) {
        for (TableHalf each : halves) each.flip(flip);
    }

    void forgetWay(int number) {
        nextHops.forget(number);
        for (TableHalf each : halves) each.reroute(number, NextHopTable.UNKNOWN);
    }

    TestRun run(Frame frame) {
        return run(frame.bytes());
    }

    TestRun run(byte[] frame) {
        return object.ingress().testRun(frame, 1);
    }

    Explained explain(Frame frame) {
        object.explain().testRun(frame.bytes(), 1);
        return Explained.read(object.maps().explained());
    }

    ServiceCounters counters(int slot, int servers) {
        Map<Integer, Integer> bySlot = new HashMap<>();
        for (int i = 0; i < servers; i++) bySlot.put(i, numbers.of(new ServerNumbers.Place(slot, i)));
        return new KernelCounters(object.maps(), SIZES).service(slot, bySlot);
    }

    /** The number in the maps of a service's realserver. */
    int number(int slot, int server) {
        return numbers.of(new ServerNumbers.Place(slot, server));
    }

    long passed(PassReason reason) {
        return new KernelCounters(object.maps(), SIZES).passed(reason);
    }

    @Override
    public void close() {
        object.close();
    }
}
