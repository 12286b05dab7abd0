package io.evenkeel.scenario;

import io.evenkeel.lab.Clients;
import io.evenkeel.lab.DatagramHost;
import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.KernelLab;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What IPVS does with the flows of a realserver that died or was removed, case by case (A to G and I; H needs a second
 * director's flows): here the first packet after the removal goes to a live one. UDP flows from one port each, never idle.
 */
class FailureMatrixTest {
    private static final int PORT = 514;
    private static final int PATIENCE_MILLIS = 250;
    private static final int DETECT_MILLIS = 600;
    private static final int CLIENTS = 24;
    private static final Duration SECONDS = Duration.ofSeconds(5);
    private static final List<String> SCHEDULERS = List.of("rr", "sh", "mh", "wlc");

    /** Three realservers at a port, and a client's socket. */
    private record Site(KernelLab lab, List<DatagramHost> hosts) {
        static Site open(KernelLab lab, int port) throws Exception {
            List<DatagramHost> hosts = new ArrayList<>();
            for (int i = 1; i <= 3; i++) {
                hosts.add(lab.keep(DatagramHost.open(lab.server(i), "b" + i, server(i, port))));
            }
            return new Site(lab, hosts);
        }

        DatagramSocket client(int port) throws Exception {
            return lab.keep(Clients.udp(lab.clientNode(), KernelLab.at(false, 0, 1, port)));
        }
    }

    @Scenario("matrix")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void aDeadOneCostsTheTimeToDetectItAndNoMore(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "A: dead, before and after the check", figures -> dead(figures, ""));
    }

    @Scenario("matrix")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void aRemovedOneHasItsLastPacketBeforeTheReloadReturns(Setting setting, Measurements measurements)
            throws Exception {
        measurements.run(setting, "B, C: removed", FailureMatrixTest::removed);
    }

    @Scenario("matrix")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void aDeadOneThatStaysListedIsLeftAllTheSame(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "D, E: inhibit_on_failure", figures -> dead(figures, "inhibit_on_failure"));
    }

    @Scenario("matrix")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void oneServiceLeavesItAndTheOtherStays(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "F: removed from one of two", FailureMatrixTest::oneOfTwo);
    }

    @Scenario("matrix")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void aFlowDoesNotGoBackToOneThatReturns(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "G: removed and back", FailureMatrixTest::back);
    }

    @Scenario("matrix")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void everySchedulerLeavesItAtOnce(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "I: rr, sh, mh, wlc", FailureMatrixTest::everyScheduler);
    }

    @Scenario("matrix")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void flowsGoToTheSorryServerAndComeBackFromIt(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "sorry server and back", FailureMatrixTest::sorry);
    }

    @Scenario("matrix")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void aQuiescedOneKeepsItsFlowsAndGetsNoNewOnes(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "weight 0", FailureMatrixTest::quiesced);
    }

    private static void sorry(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            Site site = Site.open(lab, PORT);
            InetSocketAddress vip = vip(200, PORT);
            ServiceText service = ServiceText.udp(vip).sorryServer(server(3, PORT));
            for (int i = 1; i <= 2; i++) service.realServer(server(i, PORT));
            DirectorUnderTest director = lab.directorWithAllUp(service.toString());
            DatagramSocket client = site.client(20_000);
            figures.between("answered by a realserver", 1, 2, home(client, vip));
            for (int i = 1; i <= 2; i++) site.hosts().get(i - 1).close();
            for (int i = 1; i <= 2; i++) director.awaitSettled(server(i, PORT), "failed", SECONDS);
            figures.exactly("first ask when all have failed answered by the sorry server", 3, home(client, vip));
            figures.exactly("and the next", 10, answers(client, vip, 3, 10));
            for (int i = 1; i <= 2; i++) {
                lab.keep(DatagramHost.open(lab.server(i), "b" + i, server(i, PORT)));
                director.awaitSettled(server(i, PORT), "up", SECONDS);
            }
            figures.between("first ask when they are back answered by a realserver", 1, 2, home(client, vip));
        }
    }

    private static void quiesced(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            Site site = Site.open(lab, PORT);
            InetSocketAddress vip = vip(200, PORT);
            DirectorUnderTest director = lab.directorWithAllUp(without(vip, 0, PORT, "rr"));
            DatagramSocket client = site.client(20_000);
            int home = home(client, vip);
            Integer[] weights = {1, 1, 1};
            weights[home - 1] = 0;
            director.reload(ServiceTexts.nat(ServiceText.udp(vip).weights(weights), false, 1, PORT, 3)
                    .toString());
            figures.exactly("its flow stays", 10, answers(client, vip, home, 10));
            int fresh = 0;
            for (int i = 1; i <= 12; i++) if (home(site.client(20_000 + i), vip) == home) fresh++;
            figures.exactly("new flows on it", 0, fresh);
            figures.exactly("flows moved", 0, moved(director));
        }
    }

    private static void dead(Figures figures, String line) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            Site site = Site.open(lab, PORT);
            InetSocketAddress vip = vip(200, PORT);
            ServiceText service = ServiceTexts.nat(ServiceText.udp(vip), false, 1, PORT, 3);
            if (!line.isEmpty()) service.line(line);
            DirectorUnderTest director = lab.directorWithAllUp(service.toString());
            DatagramSocket client = site.client(20_000);
            int home = home(client, vip);
            figures.exactly("answered by it while it lives", 10, answers(client, vip, home, 10));
            site.hosts().get(home - 1).close();
            long died = System.nanoTime();
            int lost = 0;
            while (!Clients.ask(client, vip, "?", 20).came() && lost < 100) lost++;
            long after = (System.nanoTime() - died) / 1_000_000;
            figures.atLeast("sent to it before the check acted", 1, lost);
            figures.atMost("first on a live one after ms", DETECT_MILLIS + 50, after);
            director.awaitSettled(server(home, PORT), "failed", SECONDS);
            figures.exactly("first ask after the verdict answered", 1, answered(client, vip));
            figures.exactly("flows moved", 1, moved(director));
        }
    }

    private static void removed(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            Site site = Site.open(lab, PORT);
            InetSocketAddress vip = vip(200, PORT);
            DirectorUnderTest director = lab.directorWithAllUp(without(vip, 0, PORT, "rr"));
            DatagramSocket client = site.client(20_000);
            int home = home(client, vip);
            int seen = site.hosts().get(home - 1).received();
            director.reload(without(vip, home, PORT, "rr"));
            Clients.Reply first = Clients.ask(client, vip, "first", PATIENCE_MILLIS);
            figures.exactly("first ask after the removal answered", 1, first.came() ? 1 : 0);
            figures.exactly("by the removed one", 0, site.hosts().get(home - 1).received() - (long) seen);
            figures.exactly("flows moved", 1, moved(director));
            figures.exactly("and stays there", 10, answers(client, vip, number(first), 10));
        }
    }

    private static void oneOfTwo(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            Site site = Site.open(lab, PORT);
            lab.address(lab.directorNode(), "cl", 0, 201);
            InetSocketAddress one = vip(200, PORT);
            InetSocketAddress two = vip(201, PORT);
            DirectorUnderTest director =
                    lab.directorWithAllUp(without(one, 0, PORT, "rr") + without(two, 0, PORT, "rr"));
            DatagramSocket first = site.client(20_000);
            DatagramSocket second = site.client(20_001);
            int home = home(first, one);
            int other = home(second, two);
            figures.exactly("both on the same", home, other);
            director.reload(without(one, home, PORT, "rr") + without(two, 0, PORT, "rr"));
            Clients.Reply moved = Clients.ask(first, one, "first", PATIENCE_MILLIS);
            figures.exactly("first ask of the one answered", 1, moved.came() ? 1 : 0);
            figures.exactly("by the removed one", 0, number(moved) == home ? 1 : 0);
            figures.exactly("from its own address", 1, moved.from().equals(one) ? 1 : 0);
            figures.exactly("the other's stay", 10, answers(second, two, home, 10));
        }
    }

    private static void back(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            Site site = Site.open(lab, PORT);
            InetSocketAddress vip = vip(200, PORT);
            DirectorUnderTest director = lab.directorWithAllUp(without(vip, 0, PORT, "rr"));
            DatagramSocket client = site.client(20_000);
            DatagramSocket quiet = site.client(20_003); // on the same realserver, and silent while it is away
            int home = home(client, vip);
            for (int i = 1; i <= 2; i++) home(site.client(20_010 + i), vip); // the turns of the two others
            figures.exactly("a second flow on the same", home, home(quiet, vip));
            director.reload(without(vip, home, PORT, "rr"));
            int refuge = home(client, vip);
            director.reload(without(vip, 0, PORT, "rr"));
            director.awaitAllUp(SECONDS);
            figures.exactly("flow stays where it went", 10, answers(client, vip, refuge, 10));
            figures.exactly("first ask of the one that was silent", 1, answered(quiet, vip));
            figures.exactly("flows moved", 2, moved(director));
        }
    }

    private static void everyScheduler(Figures figures) throws Exception {
        try (KernelLab lab = KernelLab.twoArmed(3)) {
            for (int n = 0; n < SCHEDULERS.size(); n++) Site.open(lab, PORT + n);
            DirectorUnderTest director = lab.directorWithAllUp(services(0));
            List<List<DatagramSocket>> clients = new ArrayList<>();
            List<List<Integer>> homes = new ArrayList<>();
            for (int n = 0; n < SCHEDULERS.size(); n++) {
                clients.add(new ArrayList<>());
                homes.add(new ArrayList<>());
                for (int i = 0; i < CLIENTS; i++) {
                    DatagramSocket client = client(lab, n, i);
                    clients.get(n).add(client);
                    homes.get(n).add(home(client, vip(200, PORT + n)));
                }
            }
            director.reload(services(2));
            for (int n = 0; n < SCHEDULERS.size(); n++) {
                int answered = 0;
                int astray = 0;
                int left = 0;
                for (int i = 0; i < CLIENTS; i++) {
                    int home = homes.get(n).get(i);
                    Clients.Reply reply =
                            Clients.ask(clients.get(n).get(i), vip(200, PORT + n), "first", PATIENCE_MILLIS);
                    if (reply.came()) answered++;
                    if (home == 2) left++;
                    if (number(reply) == 2 || (home != 2 && number(reply) != home)) astray++;
                }
                String scheduler = SCHEDULERS.get(n);
                figures.exactly(scheduler + ": first asks answered", CLIENTS, answered);
                figures.exactly(scheduler + ": on the removed one, or moved without need", 0, astray);
                figures.atLeast(scheduler + ": had to move", 1, left);
            }
        }
    }

    /** Clients of many addresses, since sh and mh look at those alone. */
    private static DatagramSocket client(KernelLab lab, int service, int i) throws Exception {
        int host = 20 + i;
        if (service == 0) lab.address(lab.clientNode(), "d1", 0, host);
        return lab.keep(Clients.udp(lab.clientNode(), KernelLab.at(false, 0, host, 20_000 + service)));
    }

    private static String services(int but) {
        StringBuilder text = new StringBuilder();
        for (int n = 0; n < SCHEDULERS.size(); n++) {
            text.append(without(vip(200, PORT + n), but, PORT + n, SCHEDULERS.get(n)));
        }
        return text.toString();
    }

    /** All three realservers but one; 0 for all. */
    private static String without(InetSocketAddress vip, int but, int port, String scheduler) {
        ServiceText service = ServiceText.udp(vip).scheduler(scheduler);
        for (int i = 1; i <= 3; i++) if (i != but) service.realServer(server(i, port));
        return service.toString();
    }

    private static InetSocketAddress vip(int host, int port) {
        return KernelLab.at(false, 0, host, port);
    }

    private static InetSocketAddress server(int i, int port) {
        return KernelLab.at(false, 1, 10 + i, port);
    }

    /** Who answers this flow; 0 if nobody does. */
    private static int home(DatagramSocket client, InetSocketAddress vip) throws Exception {
        return number(Clients.ask(client, vip, "?", PATIENCE_MILLIS));
    }

    private static int number(Clients.Reply reply) {
        return reply.came() ? Integer.parseInt(reply.name().substring(1)) : 0;
    }

    private static int answered(DatagramSocket client, InetSocketAddress vip) throws Exception {
        return Clients.ask(client, vip, "?", PATIENCE_MILLIS).came() ? 1 : 0;
    }

    /** How many of so many asks a realserver answers. */
    private static int answers(DatagramSocket client, InetSocketAddress vip, int wanted, int asks) throws Exception {
        int answers = 0;
        for (int i = 0; i < asks; i++) if (home(client, vip) == wanted) answers++;
        return answers;
    }

    private static long moved(DirectorUnderTest director) {
        return director.status().service().path("flowsMoved").asLong();
    }
}
