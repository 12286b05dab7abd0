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
        Endpoint nearby = Endpoint.of(endpoint.address().v6() ? "[::1]:1" : "127.0.0.1:1");
        Check check = check(arguments[0], endpoint, timeout, fwmark);
        List<ServerSocket> held = new ArrayList<>();
        try (Probes probes = new Probes()) {
            start(probes, check(arguments[0], nearby, timeout, fwmark)).get(); // so that every class is loaded
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

    private static Check check(String kind, Endpoint endpoint, Duration timeout, int fwmark) {
        Check.Timing timing = Probing.timing(timeout);
        Check.Target target = new Check.Target(endpoint, Optional.empty(), 0, Optional.empty(), fwmark);
        Optional<Check.ReplyPattern> anyReply = Optional.of(new Check.ReplyPattern(""));
        return switch (kind) {
            case "tcp" -> new Check.Tcp(timing, target);
            case "udp" -> new Check.Udp(timing, target, new Check.HexBytes("00"), anyReply, 0, 255);
            case "ping" -> new Check.Ping(timing, target);
            default -> throw new IllegalArgumentException(kind);
        };
    }

    private static CompletableFuture<ProbeOutcome> start(Probes probes, Check check) {
        CompletableFuture<ProbeOutcome> outcome = new CompletableFuture<>();
        probes.start(check, "once", outcome::complete);
        return outcome;
    }
}
