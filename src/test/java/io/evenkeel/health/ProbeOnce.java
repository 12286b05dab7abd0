package io.evenkeel.health;

import io.evenkeel.model.Check;
import io.evenkeel.model.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A process of its own that runs one probe, to be stopped, limited or deprived from outside. Needs nothing but our own
 * classes. Arguments: {@code tcp|udp|ping ENDPOINT TIMEOUT_MILLIS FWMARK plain|exhaust}; {@code exhaust} first uses up
 * all descriptors. Says {@code started}, then {@code <outcome> <evidence>}.
 */
final class ProbeOnce {
    private ProbeOnce() {}

    public static void main(String[] arguments) throws Exception {
        Endpoint endpoint = Endpoint.of(arguments[1]);
        Duration timeout = Duration.ofMillis(Long.parseLong(arguments[2]));
        int fwmark = Integer.parseInt(arguments[3]);
        Check.Target target = new Check.Target(endpoint, Optional.empty(), 0, Optional.empty(), fwmark);
        Check check = switch (arguments[0]) {
            case "tcp" -> new Check.Tcp(Probing.timing(timeout), target);
            case "udp" ->
                new Check.Udp(
                        Probing.timing(timeout),
                        target,
                        new Check.HexBytes("00"),
                        Optional.of(new Check.ReplyPattern("")),
                        0,
                        255);
            case "ping" -> new Check.Ping(Probing.timing(timeout), target);
            default -> throw new IllegalArgumentException(arguments[0]);
        };
        List<ServerSocket> held = new ArrayList<>();
        try (Probes probes = new Probes()) {
            run(probes, check); // once for nothing, so that every class is loaded
            if (arguments[4].equals("exhaust")) exhaust(held);
            CompletableFuture<ProbeOutcome> outcome = start(probes, check);
            System.out.println("started");
            System.out.flush();
            ProbeOutcome said = outcome.get();
            System.out.println(said.getClass().getSimpleName() + " " + said.evidence());
        }
    }

    private static void exhaust(List<ServerSocket> held) {
        try {
            while (held.size() < 100_000) held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        } catch (IOException full) {
            return;
        }
        throw new IllegalStateException("there is no limit");
    }

    private static void run(Probes probes, Check check) throws Exception {
        start(probes, check).get();
    }

    private static CompletableFuture<ProbeOutcome> start(Probes probes, Check check) {
        CompletableFuture<ProbeOutcome> outcome = new CompletableFuture<>();
        probes.start(check, "once", outcome::complete);
        return outcome;
    }
}
