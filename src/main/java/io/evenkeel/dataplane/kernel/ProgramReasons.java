package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Explanation.Choice;
import io.evenkeel.dataplane.Explanation.Fate;
import io.evenkeel.dataplane.Explanation.FromServer;
import io.evenkeel.dataplane.Explanation.Hop;
import io.evenkeel.dataplane.Explanation.Rewrite;
import io.evenkeel.dataplane.Explanation.Standing;
import io.evenkeel.dataplane.Explanation.ToService;
import io.evenkeel.dataplane.Explanation.Turns;
import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Question;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.schedule.LeastPick;
import io.evenkeel.schedule.Rotation;
import io.evenkeel.schedule.Schedule;
import io.evenkeel.schedule.SlotTable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Puts into words what the program has answered to one question: numbers become services and realservers, and states and
 * next hops are read from the maps that the program reads. Changes nothing. Thread ek-explain.
 */
final class ProgramReasons {
    private static final String REMEDY = "evenkeel status lists services and realservers";
    private static final Rewrite ONE_HOP_LESS = new Rewrite(
            "hop count", Integer.toString(ExplainedPacket.HOPS), Integer.toString(ExplainedPacket.HOPS - 1));

    private final KernelObject object;
    private final int half;
    private final ForwardingTable table;
    private final Map<Integer, Map<Integer, Integer>> numbers;
    private final Map<Integer, String> devices;
    private final Question question;

    /**
     * @param numbers of realservers, by slot of the service and their own
     * @param devices names by index
     */
    ProgramReasons(
            KernelObject object,
            int half,
            ForwardingTable table,
            Map<Integer, Map<Integer, Integer>> numbers,
            Map<Integer, String> devices,
            Question question) {
        this.object = object;
        this.half = half;
        this.table = table;
        this.numbers = numbers;
        this.devices = devices;
        this.question = question;
    }

    Explanation of(Explained explained) {
        return switch (explained) {
            case Explained.Passed(PassReason why) -> passed(why);
            case Explained.Forwarded picked -> {
                ForwardedService service = service(picked.service());
                yield toService(service, Optional.of(picked), sent(service, picked));
            }
            case Explained.Replied replied -> replied(replied);
            case Explained.Dropped(int service, DropReason reason, Optional<Explained.Forwarded> picked) ->
                switch (reason.direction()) {
                    case FORWARD -> {
                        ForwardedService its = service(service);
                        Optional<Endpoint> at =
                                picked.map(one -> server(its, one.server()).endpoint());
                        yield toService(its, picked, new Fate.Dropped(reason, at));
                    }
                    case REPLY -> {
                        Fate fate = new Fate.Dropped(reason, Optional.empty());
                        yield new FromServer(Optional.of(service(service).key()), fate);
                    }
                };
        };
    }

    private Explanation passed(PassReason why) {
        return switch (why) {
            case OWN_ADDRESS ->
                new FromServer(
                        Optional.empty(),
                        new Fate.Passed("it is addressed to the director itself, as the answer to a probe is"));
            case NO_FLOW ->
                question.reply()
                        ? new FromServer(Optional.empty(), new Fate.Passed("no flow is between the two"))
                        : nobody();
            case NO_SERVICE, OTHER -> nobody();
            case TRUNCATED, ELSEWHERE ->
                Explainer.unknown("the program takes it for another machine's: an interface has changed", "ask again");
        };
    }

    private Explanation nobody() {
        String protocol = question.protocol().lower();
        return Explainer.unknown(
                question.reply()
                        ? "no " + protocol + " service has a realserver " + question.source()
                        : "there is no virtual service " + new ServiceKey(question.protocol(), question.destination()),
                REMEDY);
    }

    private Explanation replied(Explained.Replied replied) {
        if (!question.reply()) return nobody();
        ForwardedService service = service(replied.service());
        List<Rewrite> rewritten = List.of(
                new Rewrite(
                        "source",
                        question.source().toString(),
                        service.key().vip().toString()),
                ONE_HOP_LESS);
        Optional<Hop> hop = replied.interfaceIndex() == 0
                ? Optional.empty()
                : Optional.of(new Hop(device(replied.interfaceIndex()), Optional.empty()));
        return new FromServer(Optional.of(service.key()), new Fate.Returned(rewritten, hop));
    }

    private ToService toService(ForwardedService service, Optional<Explained.Forwarded> picked, Fate fate) {
        Choice choice = picked.map(one -> choice(service, one)).orElse(new Choice.Nobody());
        return new ToService(
                service.key(),
                choice,
                picked.flatMap(one -> leaves(service, one)),
                fate,
                picked.filter(_ -> choice instanceof Choice.Turn).flatMap(one -> turns(service, one.turn())),
                servers(service));
    }

    private Choice choice(ForwardedService service, Explained.Forwarded picked) {
        if (held(service, picked)) {
            long ticks = Ticks.age(Ticks.at(System.nanoTime()), picked.known().last());
            return new Choice.Flow(ticks << Abi.TICK_SHIFT);
        }
        ForwardedService.Affinity persistence = service.persistence();
        boolean turned = picked.firstChoice() != Abi.NOWHERE || service.schedule() instanceof LeastPick;
        if (persistence != null && (picked.known().template() || !turned)) {
            int prefix = persistence.prefixLength();
            return new Choice.Template(question.source().address().network(prefix), prefix);
        }
        return switch (service.schedule()) {
            case Rotation rotation -> {
                int slot = (int) (picked.turn() % rotation.length());
                Endpoint first = server(service, picked.firstChoice()).endpoint();
                yield new Choice.Turn(picked.turn(), slot, rotation.length(), first);
            }
            case SlotTable slots -> hash(service, slots);
            case LeastPick _ -> new Choice.Load(picked.turn());
        };
    }

    /** The client's flow keeps its realserver. */
    private boolean held(ForwardedService service, Explained.Forwarded picked) {
        Explained.Known known = picked.known();
        return !service.onePacket()
                && known.isFlow()
                && known.owner() == picked.server()
                && known.generation() == (short) (record(picked.server()).get(JAVA_LONG, STATE) >> 16);
    }

    private Optional<Endpoint> leaves(ForwardedService service, Explained.Forwarded picked) {
        if (service.onePacket() || !picked.known().isFlow() || held(service, picked)) return Optional.empty();
        return service.servers().stream()
                .filter(server -> number(service, server) == picked.known().owner())
                .map(ForwardedServer::endpoint)
                .findFirst();
    }

    private Choice hash(ForwardedService service, SlotTable slots) {
        IpAddress client = question.source().address();
        IpAddress asked = question.destination().address();
        int slot = slots.slot(
                asked.v6(), client.high(), client.low(), question.source().port(), asked.high(), asked.low());
        int first = slots.candidateAt(slot);
        Optional<Endpoint> its = first < 0
                ? Optional.empty()
                : Optional.of(service.servers().get(first).endpoint());
        return new Choice.Hash(slots.key(), slot, slots.length(), its);
    }

    private Optional<Turns> turns(ForwardedService service, long next) {
        if (!(service.schedule() instanceof Rotation rotation)) return Optional.empty();
        Schedule.Eligibility open = index -> standing(service, service.servers().get(index)) == Standing.OPEN;
        List<Endpoint> picks = new ArrayList<>();
        for (int i = 0; i < Explanation.TURNS_AHEAD; i++) {
            int candidate = rotation.pick(next + i, open);
            if (candidate >= 0) picks.add(service.servers().get(candidate).endpoint());
        }
        return Optional.of(new Turns(next, rotation.length(), picks));
    }

    private List<Explanation.Server> servers(ForwardedService service) {
        return service.servers().stream()
                .map(server -> new Explanation.Server(
                        server.endpoint(),
                        server.weight(),
                        standing(service, server),
                        server.upperThreshold(),
                        load(service, server, "active") + load(service, server, "inactive"),
                        load(service, server, "active"),
                        load(service, server, "lately")))
                .toList();
    }

    private long load(ForwardedService service, ForwardedServer server, String member) {
        long at = number(service, server) * Abi.LOAD.byteSize() + Abi.offset(Abi.LOAD, member);
        return object.maps().loads().get(JAVA_LONG, at);
    }

    private Standing standing(ForwardedService service, ForwardedServer server) {
        Usability usability = usability(service, server);
        if (usability == Usability.SHUT) return Standing.SHUT;
        if (usability == Usability.HOLDING || server.weight() == 0) return Standing.HOLDING;
        boolean others = service.servers().stream().anyMatch(other -> usability(service, other) == Usability.OPEN);
        if (usability == Usability.SUSPECT && others) return Standing.SUSPECT;
        boolean full = server.upperThreshold() > 0 && load(service, server, "overloaded") != 0;
        return full ? Standing.OVERLOADED : Standing.OPEN;
    }

    private Usability usability(ForwardedService service, ForwardedServer server) {
        int state = (int) record(number(service, server)).get(JAVA_LONG, STATE) & 0xff;
        for (Usability usability : Usability.values()) if (Abi.usability(usability) == state) return usability;
        throw new IllegalStateException("no usability " + state);
    }

    private Fate sent(ForwardedService service, Explained.Forwarded picked) {
        ForwardedServer server = server(service, picked.server());
        Endpoint to = server.endpoint();
        if (picked.local()) return new Fate.Delivered(to, server.forwarding());
        String asked = question.destination().toString();
        List<Rewrite> rewritten = switch (server.forwarding()) {
            case Forwarding.Nat() -> List.of(new Rewrite("destination", asked, to.toString()), ONE_HOP_LESS);
            case Forwarding.DirectRouting() -> List.of(ONE_HOP_LESS);
            case Forwarding.Tunnel(Forwarding.Encapsulation kind, int port) -> {
                String outer = kind.name().toLowerCase(Locale.ROOT) + " to " + to.address()
                        + (port == 0 ? "" : ", port " + port);
                yield List.of(new Rewrite("packet", "as it is", "inside " + outer), ONE_HOP_LESS);
            }
        };
        return new Fate.Sent(to, server.forwarding(), rewritten, hop(picked.server()));
    }

    private Optional<Hop> hop(int number) {
        long at = record(number).get(JAVA_INT, NEXT_HOP) * NEXT_HOP_BYTES;
        MemorySegment hop = object.maps().nextHops().asSlice(at, NEXT_HOP_BYTES);
        int device = hop.get(JAVA_INT, HOP_INTERFACE);
        if (device == 0) return Optional.empty();
        byte[] mac = hop.asSlice(HOP_DESTINATION, MAC_BYTES).toArray(JAVA_BYTE);
        return Optional.of(
                new Hop(device(device), Optional.of(HexFormat.ofDelimiter(":").formatHex(mac))));
    }

    private String device(int index) {
        return devices.getOrDefault(index, "interface " + index);
    }

    private MemorySegment record(int number) {
        return object.maps()
                .servers()
                .asSlice(((long) half * object.sizes().servers() + number) * SERVER_BYTES, SERVER_BYTES);
    }

    private int number(ForwardedService service, ForwardedServer server) {
        Integer number = numbers.getOrDefault(service.slot(), Map.of()).get(server.slot());
        if (number == null) throw new IllegalStateException(server.endpoint() + " has no number");
        return number;
    }

    private ForwardedService service(int slot) {
        ForwardedService service = table.service(slot);
        if (service == null) throw new IllegalStateException("the program named a service that is not in the table");
        return service;
    }

    private ForwardedServer server(ForwardedService service, int number) {
        for (ForwardedServer server : service.servers()) if (number(service, server) == number) return server;
        throw new IllegalStateException("the program named a realserver that " + service.key() + " does not have");
    }

    private static final int MAC_BYTES = 6;
    private static final long SERVER_BYTES = Abi.SERVER.byteSize();
    private static final long STATE = Abi.offset(Abi.SERVER, "state");
    private static final long NEXT_HOP = Abi.offset(Abi.SERVER, "next_hop");
    private static final long NEXT_HOP_BYTES = Abi.NEXT_HOP.byteSize();
    private static final long HOP_INTERFACE = Abi.offset(Abi.NEXT_HOP, "interface");
    private static final long HOP_DESTINATION = Abi.offset(Abi.NEXT_HOP, "destination");
}
