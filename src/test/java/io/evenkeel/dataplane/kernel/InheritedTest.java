package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Inheritance;
import io.evenkeel.dataplane.ServerFlip;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.linux.PossibleCpus;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.schedule.Schedule;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What one plane writes into the maps, the next one reads back; in memory that no program sees. */
class InheritedTest {
    private static final MapSizes SIZES = new MapSizes(16, 64, 32_768, 64, 32);
    private static final ServiceKey DNS = new ServiceKey(Protocol.UDP, Endpoint.of("192.0.2.1:53"));
    private static final ServiceKey DNS_TCP = new ServiceKey(Protocol.TCP, Endpoint.of("192.0.2.1:53"));
    private static final ServiceKey SIX = new ServiceKey(Protocol.UDP, Endpoint.of("[2001:db8::1]:514"));

    private final Arena arena = Arena.ofShared();
    private final MapMemory maps = memory();

    @AfterEach
    void freeMemory() {
        arena.close();
    }

    @Test
    void mapsThatNobodyWroteHoldNothing() {
        Inherited inherited = Inherited.read(maps, SIZES);
        assertThat(inherited.services()).isEmpty();
        assertThat(inherited.servers()).isEmpty();
    }

    @Test
    void everyServiceAndRealserverComesBackUnderItsNumber() {
        for (int half : new int[] {1, 0, 1}) {
            Life life = new Life();
            life.commit(
                    half,
                    service(0, DNS, "10.0.0.1:53", "10.0.0.2:53"),
                    service(1, DNS_TCP, "10.0.0.1:53"),
                    service(2, SIX, "[2001:db8:1::1]:514"));
            Inherited inherited = Inherited.read(maps, SIZES);
            assertThat(inherited.half()).isEqualTo(half);
            assertThat(inherited.services()).isEqualTo(Map.of(DNS, 0, DNS_TCP, 1, SIX, 2));
            assertThat(inherited.groups().keySet()).isEqualTo(Set.of(0, 1, 2));
            assertThat(inherited.groups()).containsEntry(0, life.groups.of(0)).containsEntry(2, life.groups.of(2));
            assertThat(inherited.servers())
                    .extracting(Inherited.Server::place)
                    .containsExactlyInAnyOrder(
                            place(DNS, "10.0.0.1:53"),
                            place(DNS, "10.0.0.2:53"),
                            place(DNS_TCP, "10.0.0.1:53"),
                            place(SIX, "[2001:db8:1::1]:514"));
            assertThat(inherited.servers()).allSatisfy(server -> {
                assertThat(server.number()).isEqualTo(life.numbers.of(server.place()));
                assertThat(server.usability()).isEqualTo(Usability.OPEN);
                assertThat(server.nextHop()).isEqualTo(100 + server.number());
            });
        }
    }

    @Test
    void aFailureIsReadBackAndANewDirectorsFirstGenerationIsTheOneThatFlowsName() {
        Life first = new Life();
        first.commit(0, service(0, DNS, "10.0.0.1:53", "10.0.0.2:53"));
        for (TableHalf half : first.halves) half.flip(new ServerFlip(0, 1, Usability.SHUT, 8));
        Inherited inherited = Inherited.read(maps, SIZES);
        Inheritance told = inherited.forDirector(new KernelCounters(maps, SIZES));
        assertThat(told.of(DNS, Endpoint.of("10.0.0.1:53"))).isEqualTo(new Inheritance.Server(Usability.OPEN, 0));
        assertThat(told.of(DNS, Endpoint.of("10.0.0.2:53"))).isEqualTo(new Inheritance.Server(Usability.SHUT, 0));
        assertThat(told.of(DNS, Endpoint.of("10.0.0.3:53"))).isNull();

        ServerNumbers next = new ServerNumbers(SIZES.servers());
        for (Inherited.Server server : inherited.servers()) {
            next.inherit(server.place(), server.number(), server.generation());
        }
        for (Inherited.Server server : inherited.servers()) {
            assertThat(next.of(server.place())).isEqualTo(server.number());
            assertThat(next.generation(server.number(), 1)).isEqualTo(server.generation());
            assertThat(next.generation(server.number(), 1)).isEqualTo(server.generation());
            assertThat(next.generation(server.number(), 2)).isEqualTo(server.generation() + 1);
        }
    }

    @Test
    void aNumberThatOldFlowsNameIsGivenLastAndUnderAnotherGeneration() {
        ServerNumbers numbers = new ServerNumbers(4);
        numbers.inherit(place(DNS, "10.0.0.1:53"), 0, 7);
        numbers.avoid(0, 9); // it is in use, so it is known already
        numbers.avoid(1, 9);
        assertThat(numbers.of(place(DNS, "10.0.0.2:53"))).isEqualTo(2);
        assertThat(numbers.of(place(DNS, "10.0.0.3:53"))).isEqualTo(3);
        assertThat(numbers.of(place(DNS, "10.0.0.4:53"))).isEqualTo(1);
        assertThat(numbers.generation(1, 1)).isGreaterThan(9);
        assertThat(numbers.generation(0, 1)).isEqualTo(7);
    }

    @Test
    void aServiceKeepsItsNumberWhateverSlotItIsGiven() {
        ServiceNumbers numbers = new ServiceNumbers(16);
        numbers.inherit(Map.of(DNS, 5, SIX, 0));
        ForwardingTable table = table(service(0, DNS, "10.0.0.1:53"), service(1, DNS_TCP, "10.0.0.1:53"));
        ServiceNumbers.Numbered numbered = numbers.of(table).orElseThrow();
        assertThat(numbered.bySlot()).containsEntry(0, 5);
        int fresh = numbered.bySlot().getOrDefault(1, -1);
        assertThat(fresh).isNotIn(0, 5);
        assertThat(numbered.begun()).containsExactly(fresh);
        assertThat(numbered.table().services())
                .extracting(ForwardedService::slot)
                .containsExactly(5, fresh);
        assertThat(numbers.of(table).orElseThrow()).isEqualTo(numbered); // asking changes nothing
        numbers.inForce(numbered);
        assertThat(numbers.ofSlot(0)).isEqualTo(5);
        assertThat(numbers.ofSlot(7)).isEqualTo(-1);
    }

    @Test
    void aRemovedServicesNumberIsGivenAgainOnlyWithItsSlot() {
        ServiceNumbers numbers = new ServiceNumbers(16);
        numbers.inForce(numbers.of(table(service(0, DNS, "10.0.0.1:53"))).orElseThrow());
        numbers.inForce(numbers.of(table()).orElseThrow());
        // It comes back in another slot: its old figures are still asked for under the first.
        ServiceNumbers.Numbered back =
                numbers.of(table(service(1, DNS, "10.0.0.1:53"))).orElseThrow();
        assertThat(back.bySlot().getOrDefault(1, -1)).isNotEqualTo(numbers.ofSlot(0));
        numbers.inForce(back);
        ServiceNumbers.Numbered other = numbers.of(
                        table(service(0, SIX, "[2001:db8:1::1]:514"), service(1, DNS, "10.0.0.1:53")))
                .orElseThrow();
        assertThat(other.bySlot()).containsEntry(0, 0);
        assertThat(other.begun()).containsExactly(0);
    }

    @Test
    void moreServicesThanNumbersAreRefused() {
        ServiceNumbers numbers = new ServiceNumbers(2);
        numbers.inherit(Map.of(DNS, 0, SIX, 1));
        assertThat(numbers.of(table(service(0, DNS_TCP, "10.0.0.1:53")))).isEmpty();
        assertThat(numbers.of(table(service(0, SIX, "10.0.0.1:53")))).isPresent();
    }

    @Test
    void anInstanceIsNamedAfterItsDirectoryAndNoTwoDirectoriesShareAName() {
        assertThat(Instance.of(Path.of("/run/evenkeel")).name()).isEqualTo("run_evenkeel");
        List<String> paths = List.of("/a/b", "/a_b", "/a.b", "/a/b c", "/" + "x".repeat(80), "/y" + "x".repeat(79));
        assertThat(paths.stream().map(path -> Instance.of(Path.of(path)).name()))
                .doesNotHaveDuplicates()
                .allSatisfy(name -> assertThat(Instance.parse(name)).isPresent());
        for (String wrong : List.of("", "a.b", "a/b", "..", "x".repeat(65), "ä")) {
            assertThat(Instance.parse(wrong)).isEmpty();
        }
    }

    @Test
    void theDirectorsOwnAddressesAreReadBack() {
        OwnAddresses own = new OwnAddresses(maps, SIZES);
        own.add(IpAddress.of("192.0.2.7"));
        own.add(IpAddress.of("2001:db8::7"));
        assertThat(new OwnAddresses(maps, SIZES).all())
                .containsExactlyInAnyOrder(IpAddress.of("192.0.2.7"), IpAddress.of("2001:db8::7"));
    }

    /** A plane's tables, as long as its process lives. */
    private final class Life {
        final ServerNumbers numbers = new ServerNumbers(SIZES.servers());
        final TableHalf[] halves = {new TableHalf(0, SIZES, maps, numbers), new TableHalf(1, SIZES, maps, numbers)};
        Groups groups = Groups.NONE;

        void commit(int half, ForwardedService... services) {
            groups = groups.of(table(services));
            assertThat(halves[half].load(table(services), groups, number -> 100 + number, 42))
                    .isEmpty();
            maps.control().set(JAVA_INT, Abi.offset(Abi.CONTROL, "half"), half);
        }
    }

    private static ServerNumbers.Place place(ServiceKey key, String endpoint) {
        return new ServerNumbers.Place(key, Endpoint.of(endpoint));
    }

    private static ForwardingTable table(ForwardedService... services) {
        return new ForwardingTable(1, List.of(services), 0, List.of());
    }

    private static ForwardedService service(int slot, ServiceKey key, String... endpoints) {
        List<ForwardedServer> servers = new ArrayList<>();
        List<Schedule.Candidate> candidates = new ArrayList<>();
        for (String text : endpoints) {
            Endpoint endpoint = Endpoint.of(text);
            servers.add(
                    new ForwardedServer(servers.size(), endpoint, new Forwarding.Nat(), 1, Usability.OPEN, 7, 0, 0));
            candidates.add(new Schedule.Candidate(endpoint, 1, 1, true));
        }
        return new ForwardedService(
                slot,
                key,
                Schedule.compile(new Scheduling.RoundRobin(), candidates, false, false),
                false,
                ForwardedService.UNKNOWN_RESPONSES,
                30_000_000_000L,
                null,
                false,
                false,
                0,
                servers);
    }

    private MapMemory memory() {
        int cpus = PossibleCpus.count();
        return new MapMemory(
                array(Abi.CONTROL, 1),
                array(Abi.INTERFACE, Abi.INTERFACES),
                array(Abi.OWN4, SIZES.ownBuckets()),
                array(Abi.OWN6, SIZES.ownBuckets()),
                array(Abi.BUCKET4, 2 * SIZES.serviceBuckets()),
                array(Abi.BUCKET6, 2 * SIZES.serviceBuckets()),
                array(Abi.BUCKET4, 2 * SIZES.endpointBuckets()),
                array(Abi.BUCKET6, 2 * SIZES.endpointBuckets()),
                array(Abi.SERVICE, 2 * SIZES.services()),
                array(Abi.SLOT, 2 * SIZES.slots()),
                array(Abi.SERVER, 2 * SIZES.servers()),
                array(Abi.LOAD, SIZES.servers()),
                array(Abi.NEXT_HOP, SIZES.nextHops()),
                array(Abi.FLOW_BUCKET, SIZES.flowBuckets()),
                array(Abi.WIDE_BUCKET, SIZES.wideFlowBuckets()),
                array(Abi.SERVICE_COUNT, cpus * SIZES.services()),
                array(Abi.SERVER_COUNT, cpus * SIZES.servers()),
                array(Abi.PASS_COUNT, cpus),
                array(Abi.EXPLAINED, 1));
    }

    private MemorySegment array(MemoryLayout record, int entries) {
        return arena.allocate(record.byteSize() * entries, 64);
    }
}
