package io.evenkeel.scenario;

import io.evenkeel.lab.Figures;
import io.evenkeel.lab.Layout;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.Setting;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * S2 (NAT): every datagram of one client socket goes to the next realserver, and every reply comes back from the virtual
 * address to the socket that asked.
 */
class S02RightReplyTest {

    @Scenario("S2")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void repliesOfThreeRealserversComeFromTheVirtualAddress(Setting setting, Measurements measurements)
            throws Exception {
        measurements.run(setting, "IPv4", figures -> ask(setting, figures, Layout.of(3), 90_000, 1));
    }

    @Scenario("S2")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void theSameOverIpv6(Setting setting, Measurements measurements) throws Exception {
        measurements.run(
                setting, "IPv6", figures -> ask(setting, figures, Layout.of(3).overIpv6(), 90_000, 1));
    }

    @Scenario("S2")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#alsoKernel")
    void fiftyRealserversMayEachReplyThreeTimes(Setting setting, Measurements measurements) throws Exception {
        Layout fifty = Layout.of(50).inOneProcess();
        measurements.run(setting, "50 servers, 3 replies", figures -> ask(setting, figures, fifty, 15_000, 3));
    }

    private static void ask(Setting setting, Figures figures, Layout layout, int requests, int replies)
            throws Exception {
        try (Rig rig = setting.open(layout)) {
            rig.startServers(new EchoServer.Settings(List.of(), replies, Duration.ZERO, EchoServer.SidePort.ACCEPT));
            rig.directorWithAllUp(rig.service().answered(replies).toString());
            SendRecord sent = rig.send(SendPlan.withReplies(rig.vip(), requests).answered(replies));
            Audit audit = rig.audit(sent);
            figures.voidIfOverflown(audit);
            long share = requests / layout.servers();
            long uneven =
                    audit.split().values().stream().filter(n -> n != share).count();
            figures.exactly("realservers without their share of " + share, 0, uneven);
            figures.exactly("replies", (long) requests * replies, sent.replies());
            figures.exactly("unanswered", 0, audit.unanswered());
            figures.exactly("from elsewhere", 0, sent.strangeReplies());
            figures.exactly("to another socket", 0, sent.misdelivered());
            figures.exactly("surplus", 0, sent.surplusReplies());
            figures.exactly("damaged", 0, audit.damaged());
        }
    }
}
