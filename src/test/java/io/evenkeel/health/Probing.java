package io.evenkeel.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Check;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the tests of probes share: checks on loopback, one probe at a time, and a look at what is left behind. */
final class Probing {
    private Probing() {}

    /** Long enough for anything that should happen, short enough to fail a test in time. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    static Check.Timing timing(Duration timeout) {
        return new Check.Timing(Duration.ofSeconds(1), 0, Duration.ofSeconds(1), Duration.ZERO, timeout, 1, 1, false);
    }

    static Check.Target target(InetAddress address, int port) {
        return target(new Endpoint(IpAddress.ofBytes(address.getAddress()), port));
    }

    static Check.Target target(Endpoint endpoint) {
        return new Check.Target(endpoint, Optional.empty(), 0, Optional.empty(), 0);
    }

    /** Runs one probe and waits for what it says. */
    static ProbeOutcome outcome(Probes probes, Check check) {
        CompletableFuture<ProbeOutcome> outcome = new CompletableFuture<>();
        probes.start(check, "192.0.2.1:53/udp/test", outcome::complete);
        try {
            return outcome.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("no outcome of " + check, e);
        }
    }

    static void assertPassed(ProbeOutcome outcome, String evidencePattern) {
        assertThat(outcome).isInstanceOf(ProbeOutcome.Passed.class);
        assertThat(outcome.evidence()).matches(evidencePattern);
    }

    static void assertFailed(ProbeOutcome outcome, String evidencePattern) {
        assertThat(outcome).as(outcome.evidence()).isInstanceOf(ProbeOutcome.Failed.class);
        assertThat(outcome.evidence()).matches(evidencePattern);
    }

    static void assertUnproven(ProbeOutcome outcome, String evidencePattern) {
        assertThat(outcome).as(outcome.evidence()).isInstanceOf(ProbeOutcome.Unproven.class);
        assertThat(outcome.evidence()).matches(evidencePattern);
    }

    static void assertWorthless(ProbeOutcome outcome, String evidencePattern) {
        assertThat(outcome).as(outcome.evidence()).isInstanceOf(ProbeOutcome.Worthless.class);
        assertThat(outcome.evidence()).matches(evidencePattern);
    }

    static List<InetAddress> loopbacks() {
        return List.of(loopback4(), loopback6());
    }

    static InetAddress loopback4() {
        return address(127, 0, 0, 1);
    }

    static InetAddress loopback6() {
        return address(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
    }

    static InetAddress address(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) bytes[i] = (byte) octets[i];
        try {
            return InetAddress.getByAddress(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The two numbers of net.ipv4.ping_group_range; sysctl files answer only the first read. */
    static long[] pingGroupRange() {
        byte[] value = new byte[64];
        try (InputStream in = Files.newInputStream(Path.of("/proc/sys/net/ipv4/ping_group_range"))) {
            String[] words = new String(value, 0, in.read(value), StandardCharsets.US_ASCII)
                    .strip()
                    .split("\\s+");
            return new long[] {Long.parseLong(words[0]), Long.parseLong(words[1])};
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Open descriptors of this process by number, as {@code 7 -> socket:[…]}. */
    static Set<String> descriptors() {
        try (Stream<Path> entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.map(Probing::describe)
                    .flatMap(Optional::stream)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> describe(Path entry) {
        try {
            String name = Files.readSymbolicLink(entry).toString();
            // the JVM opens these when it likes
            if (name.startsWith("/proc/") || name.endsWith(".jar") || name.endsWith("/modules"))
                return Optional.empty();
            return Optional.of(entry.getFileName() + " -> " + name);
        } catch (IOException goneAlready) {
            return Optional.empty();
        }
    }

    static Set<String> threadsNamed(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
