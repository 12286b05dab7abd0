package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.CountersSnapshot.ServiceCounters;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Explanation.Choice;
import io.evenkeel.dataplane.Explanation.Fate;
import io.evenkeel.dataplane.Explanation.Standing;
import io.evenkeel.dataplane.Explanation.ToService;
import io.evenkeel.dataplane.Explanation.Turns;
import io.evenkeel.dataplane.Question;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the plane says of a datagram is what becomes of it when it is sent next, and asking changes nothing. */
class ExplainTest {
    private static final int WORKERS = 2;

    private final List<Backend> backends = new ArrayList<>();

    static List<Scheduling> schedulers() {
        return List.of(
                new Scheduling.RoundRobin(),
                new Scheduling.WeightedRoundRobin(),
                new Scheduling.SourceHash(true, true),
                new Scheduling.Maglev(true, true),
                new Scheduling.DestinationHash(),
                new Scheduling.LeastConnection(),
                new Scheduling.WeightedLeastConnection(),
                new Scheduling.ShortestExpectedDelay(),
                new Scheduling.NeverQueue(),
                new Scheduling.WeightedFailover(),
                new Scheduling.Overflow());
    }

    @ParameterizedTest
    @MethodSource("schedulers")
    void everyDatagramUnderOnePacketSchedulingGoesWhereItWasSaid(Scheduling scheduling) throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(weighted(rig, vip, scheduling).ops().responses(0).build());
            for (int i = 0; i < 8; i++) {
                Client client = rig.client(vip, i);
                for (int j = 0; j < 3; j++) assertSlotIsItsOwn(assertGoesWhereItIsSaid(rig, client, vip));
            }
        }
    }

    /** While all are open, whoever has the slot gets the datagram. */
    private static void assertSlotIsItsOwn(ToService told) {
        switch (told.choice()) {
            case Choice.Turn turn ->
                assertThat(turn.first()).isEqualTo(sent(told).to());
            case Choice.Hash hash ->
                assertThat(hash.first()).contains(sent(told).to());
            default -> assertThat(told.choice()).isInstanceOf(Choice.Load.class);
        }
    }

    @ParameterizedTest
    @MethodSource("schedulers")
    void everyFirstAndSecondDatagramOfAFlowGoesWhereItWasSaid(Scheduling scheduling) throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(weighted(rig, vip, scheduling).responses(0).build());
            for (int i = 0; i < 12; i++) {
                Client client = rig.client(vip, i);
                assertThat(assertGoesWhereItIsSaid(rig, client, vip).choice()).isNotInstanceOf(Choice.Flow.class);
                assertThat(assertGoesWhereItIsSaid(rig, client, vip).choice()).isInstanceOf(Choice.Flow.class);
            }
        }
    }

    @Test
    void theTurnItsSlotAndTheNextPicksAreThoseThatCome() throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(weighted(rig, vip, new Scheduling.WeightedRoundRobin())
                    .ops()
                    .responses(0)
                    .build());
            Client client = rig.client(vip, 1);
            for (int i = 0; i < 5; i++) assertGoesWhereItIsSaid(rig, client, vip);
            ToService told = toService(rig, client, vip);
            assertThat(told.choice()).isInstanceOfSatisfying(Choice.Turn.class, turn -> {
                assertThat(turn.turn()).isEqualTo(5);
                assertThat(turn.length()).isEqualTo(6);
                assertThat(turn.slot()).isEqualTo(5);
                assertThat(turn.first()).isEqualTo(sent(told).to());
            });
            Turns turns = told.turns().orElseThrow();
            assertThat(turns.next()).isEqualTo(5);
            assertThat(turns.picks()).hasSize(Explanation.TURNS_AHEAD);
            List<Endpoint> came = new ArrayList<>();
            for (int i = 0; i < Explanation.TURNS_AHEAD; i++) came.add(send(client));
            assertThat(came).isEqualTo(turns.picks());
        }
    }

    @Test
    void askingAHundredTimesTakesNoTurnAndCountsNothing() throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            Endpoint flows = PlaneRig.freeVip("127.0.0.1");
            rig.apply(
                    weighted(rig, vip, new Scheduling.LeastConnection())
                            .ops()
                            .responses(0)
                            .build(),
                    new TestService(1, flows)
                            .responses(0)
                            .persistence(Duration.ofSeconds(60), 32)
                            .servers(backends.toArray(Backend[]::new))
                            .build());
            Client first = rig.client(vip, 1);
            Client second = rig.client(flows, 2);
            assertGoesWhereItIsSaid(rig, first, vip);
            ToService before = toService(rig, first, vip);
            ServiceCounters counters = rig.counters(0);
            ServiceCounters counters2 = rig.counters(1);
            for (int i = 0; i < 100; i++) {
                assertThat(toService(rig, first, vip)).isEqualTo(before);
                ToService tracked = toService(rig, second, flows);
                assertThat(tracked.choice()).isEqualTo(new Choice.Turn(0, 0, 3, endpoint(0)));
                assertThat(tracked.servers()).allMatch(server -> server.flows() == 0);
            }
            assertThat(rig.counters(0)).isEqualTo(counters);
            assertThat(rig.counters(1)).isEqualTo(counters2);
            assertThat(send(second)).isEqualTo(endpoint(0));
        }
    }

    @Test
    void aFailedAndADrainedRealserverAreSkippedAndNamed() throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(equal(rig, vip).ops().responses(0).build());
            rig.flip(0, 0, Usability.SHUT, 2);
            rig.flip(0, 1, Usability.HOLDING, 1);
            Client client = rig.client(vip, 1);
            for (int i = 0; i < 4; i++) {
                ToService told = assertGoesWhereItIsSaid(rig, client, vip);
                assertThat(standings(told)).containsExactly(Standing.SHUT, Standing.HOLDING, Standing.OPEN);
                assertThat(sent(told).to()).isEqualTo(endpoint(2));
                assertThat(((Choice.Turn) told.choice()).first()).isEqualTo(endpoint(i % 3));
            }
            rig.flip(0, 2, Usability.SUSPECT, 1);
            assertThat(standings(assertGoesWhereItIsSaid(rig, client, vip))).endsWith(Standing.OPEN);
            rig.flip(0, 0, Usability.OPEN, 2);
            ToService told = assertGoesWhereItIsSaid(rig, client, vip);
            assertThat(standings(told)).containsExactly(Standing.OPEN, Standing.HOLDING, Standing.SUSPECT);
            rig.flip(0, 0, Usability.SHUT, 3);
            rig.flip(0, 2, Usability.SHUT, 2);
            told = toService(rig, client, vip);
            assertThat(told.fate()).isEqualTo(new Fate.Dropped(DropReason.NO_REALSERVER, Optional.empty()));
            assertThat(told.turns().orElseThrow().picks()).isEmpty();
            long before = rig.counters(0).received();
            client.send(64);
            rig.awaitReceived(0, before + 1);
            assertThat(rig.dropped(0, DropReason.NO_REALSERVER)).isEqualTo(1);
        }
    }

    @Test
    void aFlowLeavesAFailedRealserverAndStaysWithADrainedOneAsItWasSaid() throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(equal(rig, vip).responses(0).build());
            Client client = rig.client(vip, 1);
            assertThat(sent(assertGoesWhereItIsSaid(rig, client, vip)).to()).isEqualTo(endpoint(0));
            rig.flip(0, 0, Usability.HOLDING, 1);
            ToService drained = assertGoesWhereItIsSaid(rig, client, vip);
            assertThat(drained.choice()).isInstanceOf(Choice.Flow.class);
            assertThat(sent(drained).to()).isEqualTo(endpoint(0));
            rig.flip(0, 0, Usability.SHUT, 2);
            ToService failed = assertGoesWhereItIsSaid(rig, client, vip);
            assertThat(failed.leaves()).contains(endpoint(0));
            assertThat(failed.choice()).isEqualTo(new Choice.Turn(1, 1, 3, endpoint(1)));
            assertThat(rig.counters(0).flowsMoved()).isEqualTo(1);
        }
    }

    @Test
    void aClientOfATemplateGoesWithItsNetwork() throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(equal(rig, vip)
                    .responses(0)
                    .persistence(Duration.ofSeconds(60), 24)
                    .build());
            assertGoesWhereItIsSaid(rig, rig.client(vip, 1), vip);
            for (int i = 2; i < 6; i++) {
                Client client = rig.keep(new Client(vip, "127.0.0." + (10 + i), i));
                ToService told = assertGoesWhereItIsSaid(rig, client, vip);
                assertThat(told.choice()).isEqualTo(new Choice.Template(IpAddress.of("127.0.0.0"), 24));
                assertThat(sent(told).to()).isEqualTo(endpoint(0));
            }
            Client far = rig.keep(new Client(vip, "127.0.9.1", 9));
            assertThat(assertGoesWhereItIsSaid(rig, far, vip).choice())
                    .isEqualTo(new Choice.Turn(1, 1, 3, endpoint(1)));
        }
    }

    @Test
    void aRealserverAtItsUpperThresholdIsSkippedAndAllAtItIsADrop() throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            for (int i = 0; i < 2; i++) backends.add(rig.sink("127.0.0.1"));
            rig.apply(new TestService(0, vip)
                    .responses(0)
                    .server(endpoint(0), 1, Usability.OPEN, 1, 1)
                    .server(endpoint(1), 1, Usability.OPEN, 2, 1)
                    .build());
            for (int i = 0; i < 3; i++) assertGoesWhereItIsSaid(rig, rig.client(vip, i), vip);
            Client late = rig.client(vip, 9);
            ToService told = toService(rig, late, vip);
            assertThat(standings(told)).containsOnly(Standing.OVERLOADED);
            assertThat(told.servers()).extracting(Explanation.Server::flows).containsExactly(1L, 2L);
            assertThat(((Fate.Dropped) told.fate()).reason()).isEqualTo(DropReason.OVERLOADED);
            late.send(64);
            rig.awaitReceived(0, 4);
            assertThat(rig.dropped(0, DropReason.OVERLOADED)).isEqualTo(1);
        }
    }

    @Test
    void whatEachWorkerDealsForItselfIsSaidToDependOnTheWorker() throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(equal(rig, vip)
                    .ops()
                    .responses(0)
                    .scheduling(new Scheduling.LeastConnection())
                    .build());
            Client client = rig.client(vip, 1);
            boolean depends = false;
            for (int i = 0; i < 6; i++) {
                Fate fate = toService(rig, client, vip).fate();
                List<Endpoint> possible = fate instanceof Fate.Either(List<Fate.Sent> either)
                        ? either.stream().map(Fate.Sent::to).toList()
                        : List.of(((Fate.Sent) fate).to());
                depends |= possible.size() > 1;
                assertThat(send(client)).isIn(possible);
            }
            assertThat(depends).isTrue();
        }
    }

    @Test
    void theReplyOfARealserverReturnsAStrangersAndALateOneDoNot() throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            Backend first = rig.echo("127.0.0.1", 1);
            Backend second = rig.echo("127.0.0.1", 1);
            rig.apply(new TestService(0, vip).servers(first, second).build());
            Client client = rig.client(vip, 1);
            client.send(64);
            PlaneRig.await("a reply", () -> replies(client) == 1);
            Endpoint asker = endpoint(client.local());
            InetSocketAddress port = first.sources().iterator().next();
            Explanation told = explain(rig, new Question(Protocol.UDP, first.endpoint(), asker, true));
            assertThat(told).isInstanceOfSatisfying(Explanation.FromServer.class, reply -> {
                assertThat(reply.service()).contains(rigKey(vip));
                Fate.Returned returned = (Fate.Returned) reply.fate();
                assertThat(returned.rewritten())
                        .containsExactly(
                                new Explanation.Rewrite(
                                        "source", first.endpoint().toString(), vip.toString()),
                                new Explanation.Rewrite(
                                        "destination", "the director, port " + port.getPort(), asker.toString()));
            });
            assertThat(replyDrop(rig, second.endpoint(), asker)).isEqualTo(DropReason.REPLY_STRANGER);
            second.sendTo(port, new byte[64]);
            PlaneRig.await("the stranger's", () -> rig.dropped(0, DropReason.REPLY_STRANGER) == 1);
            Endpoint nobody = Endpoint.of("127.0.0.1:9");
            assertThat(replyDrop(rig, first.endpoint(), nobody)).isEqualTo(DropReason.REPLY_UNEXPECTED);
            assertThat(explain(rig, new Question(Protocol.UDP, nobody, asker, true)))
                    .isInstanceOfSatisfying(
                            Explanation.Unknown.class,
                            unknown -> assertThat(unknown.refused().what())
                                    .isEqualTo("no udp service has a realserver 127.0.0.1:9"));
        }
    }

    @Test
    void anExpectedNumberOfRepliesThatHaveComeEndsTheWayBack() throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            Backend server = rig.echo("127.0.0.1", 1);
            rig.apply(new TestService(0, vip).ops().responses(1).servers(server).build());
            Client client = rig.client(vip, 1);
            client.send(64);
            PlaneRig.await("a reply", () -> replies(client) == 1);
            assertThat(replyDrop(rig, server.endpoint(), endpoint(client.local())))
                    .isEqualTo(DropReason.REPLY_UNEXPECTED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void aServiceOnAnyAddressAnswersForTheAddressAsked(String loopback) throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint asked = PlaneRig.freeVip(loopback);
            Endpoint any = new Endpoint(new IpAddress(asked.address().v6(), 0, 0), asked.port());
            for (int i = 0; i < 3; i++) backends.add(rig.sink(loopback));
            rig.apply(new TestService(0, any)
                    .responses(0)
                    .servers(backends.toArray(Backend[]::new))
                    .build());
            Client client = rig.client(asked, 1);
            assertThat(assertGoesWhereItIsSaid(rig, client, asked).service()).isEqualTo(rigKey(any));
            assertThat(assertGoesWhereItIsSaid(rig, client, asked).choice()).isInstanceOf(Choice.Flow.class);
        }
    }

    @Test
    void aPacketToNobodyIsRefusedByName() throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(equal(rig, vip).ops().responses(0).build());
            Endpoint client = Endpoint.of("198.18.0.1:4000");
            assertThat(explain(rig, new Question(Protocol.TCP, client, vip, false)))
                    .isInstanceOfSatisfying(
                            Explanation.Unknown.class,
                            unknown -> assertThat(unknown.refused().what())
                                    .isEqualTo("there is no virtual service " + vip + "/tcp"));
        }
    }

    @Test
    void whileStoppingNewWorkIsSaidToBeRefused() throws Exception {
        try (PlaneRig rig = new PlaneRig(WORKERS)) {
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.apply(equal(rig, vip).ops().responses(0).build());
            rig.plane.stopTaking(Duration.ZERO).get(5, TimeUnit.SECONDS);
            ToService told = toService(rig, rig.client(vip, 1), vip);
            assertThat(((Fate.Dropped) told.fate()).reason()).isEqualTo(DropReason.SHUTTING_DOWN);
        }
    }

    /** Asks, sends exactly that, and compares. */
    private ToService assertGoesWhereItIsSaid(PlaneRig rig, Client client, Endpoint vip) throws Exception {
        ToService told = toService(rig, client, vip);
        assertThat(sent(told).rewritten())
                .first()
                .isEqualTo(new Explanation.Rewrite(
                        "destination", vip.toString(), sent(told).to().toString()));
        assertThat(send(client)).as("%s", told).isEqualTo(sent(told).to());
        return told;
    }

    /** Sends one datagram; answers the realserver that got it. */
    private Endpoint send(Client client) throws Exception {
        long[] before = backends.stream().mapToLong(Backend::received).toArray();
        client.send(64);
        int[] at = {-1};
        PlaneRig.await("at a realserver", () -> {
            for (int i = 0; i < before.length; i++) if (backends.get(i).received() > before[i]) at[0] = i;
            return at[0] >= 0;
        });
        return endpoint(at[0]);
    }

    private TestService equal(PlaneRig rig, Endpoint vip) throws Exception {
        for (int i = 0; i < 3; i++) backends.add(rig.sink(vip.address().toString()));
        return new TestService(0, vip).servers(backends.toArray(Backend[]::new));
    }

    /** 3 to 2 to 1. */
    private TestService weighted(PlaneRig rig, Endpoint vip, Scheduling scheduling) throws Exception {
        TestService service = new TestService(0, vip).scheduling(scheduling);
        for (int i = 0; i < 3; i++) {
            backends.add(rig.sink("127.0.0.1"));
            service.server(endpoint(i), 3 - i);
        }
        return service;
    }

    private Endpoint endpoint(int backend) {
        return backends.get(backend).endpoint();
    }

    private static Endpoint endpoint(InetSocketAddress at) {
        return new Endpoint(IpAddress.ofBytes(at.getAddress().getAddress()), at.getPort());
    }

    private static ServiceKey rigKey(Endpoint vip) {
        return new ServiceKey(Protocol.UDP, vip);
    }

    private static Fate.Sent sent(ToService told) {
        assertThat(told.fate()).isInstanceOf(Fate.Sent.class);
        return (Fate.Sent) told.fate();
    }

    private static List<Standing> standings(ToService told) {
        return told.servers().stream().map(Explanation.Server::standing).toList();
    }

    private static ToService toService(PlaneRig rig, Client client, Endpoint vip) throws Exception {
        return (ToService) explain(rig, new Question(Protocol.UDP, endpoint(client.local()), vip, false));
    }

    private static DropReason replyDrop(PlaneRig rig, Endpoint from, Endpoint client) throws Exception {
        Explanation told = explain(rig, new Question(Protocol.UDP, from, client, true));
        return ((Fate.Dropped) ((Explanation.FromServer) told).fate()).reason();
    }

    private static Explanation explain(PlaneRig rig, Question question) throws Exception {
        return rig.plane.explain(question).get(5, TimeUnit.SECONDS);
    }

    private static long replies(Client client) {
        try {
            return client.replies();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
