package io.evenkeel.scenario;

import io.evenkeel.lab.Clients;
import io.evenkeel.lab.DatagramHost;
import io.evenkeel.lab.DirectorUnderTest;
import io.evenkeel.lab.Figures;
import io.evenkeel.lab.KernelLab;
import io.evenkeel.lab.Measurements;
import io.evenkeel.lab.Rig;
import io.evenkeel.lab.Scenario;
import io.evenkeel.lab.ServiceText;
import io.evenkeel.lab.Setting;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Realservers that {@code evenkeel realserver} prepares, and a director of ours before them: daemons bound to any address
 * answer from the virtual one (S3), and tunnels are taken off.
 */
class HelpedRealserversTest {
    private static final int PORT = 514;
    private static final int SERVERS = 2;
    private static final int QUERIES = 10_000;
    private static final int TUNNELLED = 500;
    private static final int PATIENCE_MILLIS = 500;
    private static final int MANY = 10; // more would only take time

    @TempDir
    Path directory;

    @Scenario("S3")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void whoIsBoundToAnyAddressAnswersFromTheVirtualOne(Setting setting, Measurements measurements) throws Exception {
        List<String> mend = List.of("--check", "udp:" + PORT, "--mend");
        measurements.run(setting, "bound to any address", figures -> ask(figures, "DR", false, QUERIES, mend));
    }

    @Scenario("TUN")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void greOverIpv6IsTakenOffAndAnsweredPastTheDirector(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "gre, IPv6", figures -> tunnel(figures, "gre", "TUN type gre", true));
    }

    @Scenario("TUN")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void andGue(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "gue", figures -> tunnel(figures, "gue", "TUN type gue port 6080", false));
    }

    @Scenario("TUN")
    @ParameterizedTest(name = "{0}")
    @MethodSource("io.evenkeel.lab.Setting#kernel")
    void andIpip(Setting setting, Measurements measurements) throws Exception {
        measurements.run(setting, "ipip", figures -> tunnel(figures, "ipip", "TUN", false));
    }

    private void tunnel(Figures figures, String kind, String method, boolean v6) throws Exception {
        ask(figures, method, v6, TUNNELLED, List.of("--tunnel", kind, "--check", "udp:" + PORT, "--mend"));
    }

    private void ask(Figures figures, String method, boolean v6, int queries, List<String> options) throws Exception {
        try (KernelLab lab = KernelLab.oneArmed(SERVERS)) {
            InetSocketAddress vip = KernelLab.at(v6, 0, 200, PORT);
            List<DatagramHost> hosts = new ArrayList<>();
            for (int i = 1; i <= SERVERS; i++) {
                help(lab, i, vip, options);
                hosts.add(lab.keep(DatagramHost.open(lab.server(i), "b" + i, new InetSocketAddress(PORT))));
            }
            DirectorUnderTest director = lab.directorWithAllUp(ServiceTexts.direct(
                            ServiceText.udp(vip).line("ops"), v6, 0, PORT, ServiceTexts.tcpCheck(PORT), SERVERS)
                    .replace("lb_kind DR", "lb_kind " + method));
            try (DatagramSocket client = Clients.udp(lab.clientNode(), KernelLab.at(v6, 0, 1, 20_000))) {
                int right = 0;
                for (int n = 0; n < queries && n - right < MANY; n++) {
                    if (Clients.ask(client, vip, "q" + n, PATIENCE_MILLIS)
                            .from()
                            .equals(vip)) right++;
                }
                figures.exactly("replies from the virtual address", queries, right);
            }
            for (DatagramHost host : hosts) figures.exactly("to a realserver", queries / SERVERS, host.received());
            figures.exactly("forwarded", queries, director.status().total("forwarded"));
            figures.exactly("replies through the director", 0, director.status().total("repliesReceived"));
        }
    }

    /** Starts it and waits until it is ready; it is killed with the lab. */
    private void help(KernelLab lab, int i, InetSocketAddress vip, List<String> options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("realserver", "--state-dir"));
        arguments.add(directory.resolve("state" + i).toString());
        arguments.addAll(List.of("--vip", vip.getAddress().getHostAddress()));
        arguments.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(Rig.program().command("io.evenkeel.cli.Main", arguments));
        Process process = lab.server(i).start(builder.redirectErrorStream(true));
        BufferedReader said = process.inputReader();
        List<String> lines = new ArrayList<>();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            lines.add(line);
            if (line.contains("ready: ")) {
                lab.keep(said);
                return;
            }
        }
        throw new IOException("evenkeel realserver ended: " + lines);
    }
}
