package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfLink;
import io.evenkeel.linux.BpfMap;
import io.evenkeel.linux.BpfObject;
import io.evenkeel.linux.BpfProgram;
import io.evenkeel.linux.InterfaceIndex;
import io.evenkeel.linux.LiveFrames;
import io.evenkeel.linux.NetworkNamespace;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Scheduling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Whole frames through two veth pairs, on one CPU, sender and counting receiver included.
 *
 * <pre>
 *   client c ──── d director e ──── s servers
 * </pre>
 *
 * Forwarded by the plane's own object at XDP, by the kernel's own forwarding, or by it and stateless rules of nftables.
 * Processor time is that of the sending thread, in which the kernel does nearly all of the work, and of the CPU's
 * ksoftirqd, which does the rest.
 */
final class Live implements AutoCloseable {
    /** Who forwards. */
    enum Forwarder {
        NOBODY("nobody: dropped and counted where the director is"),
        EVENKEEL_DR("**Evenkeel**, per-packet rr, DR"),
        EVENKEEL_NAT("**Evenkeel**, per-packet rr, NAT"),
        KERNEL("the kernel's own forwarding, to one address"),
        NFTABLES("nftables, stateless `numgen inc mod 10`, addresses and port rewritten"),
        EVENKEEL_REPLY("**Evenkeel**, replies of a NAT service"),
        NFTABLES_REPLY("nftables, stateless, source address and port rewritten");

        final String title;

        Forwarder(String title) {
            this.title = title;
        }

        boolean replies() {
            return this == EVENKEEL_REPLY || this == NFTABLES_REPLY;
        }

        boolean evenkeel() {
            return this == EVENKEEL_DR || this == EVENKEEL_NAT || this == EVENKEEL_REPLY;
        }
    }

    /** What one round of one forwarder gave. */
    private record Round(double cpuNanos, double perSecond, double arrived) {}

    private static final int WARM = 50_000;
    private static final int PORT = 514;
    private static final int SERVER_PORT = 6514;
    private static final String RULES = """
            table ip bench {
              chain there { type filter hook prerouting priority raw;
                ip daddr 198.18.0.11 udp dport 514 ip daddr set numgen inc mod 10 map { %s } udp dport set 6514
              }
              chain back { type filter hook postrouting priority raw;
                ip saddr 198.18.1.0/24 udp sport 6514 ip saddr set 198.18.0.11 udp sport set 514
              }
            }
            """;

    private final String prefix = "ekb" + ProcessHandle.current().pid();
    private final Path out;
    private final Bpf bpf = Bpf.load(Bpf.LIBRARY);
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Arena arena = Arena.ofShared();
    private final Map<Forwarder, List<Round>> rounds = new EnumMap<>(Forwarder.class);
    private final List<String> kept = List.of("c", "d", "s");
    private BpfProgram send;
    private BpfProgram count;
    private MemorySegment state;

    Live(Path out) throws IOException {
        this.out = out;
        try (BpfObject ends = bpf.open(Files.readAllBytes(out.resolve("live.bpf.o")), "live")) {
            ends.load(out.resolve("verifier.log"));
            send = ends.program("live_send");
            count = ends.program("live_count");
            try (BpfMap map = ends.map("live_state")) {
                state = map.memory(arena);
            }
        }
    }

    // --- the machines -----------------------------------------------------------------------------------------------

    private static void sh(String line) {
        try {
            Process process = new ProcessBuilder("sh", "-ec", line)
                    .redirectErrorStream(true)
                    .start();
            String said = new String(process.getInputStream().readAllBytes());
            if (process.waitFor() != 0) throw new IllegalStateException(line + ": " + said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private String name(String node) {
        return prefix + node;
    }

    private <T> T in(String node, Supplier<T> what) {
        return NetworkNamespace.call(Path.of("/run/netns", name(node)), what);
    }

    private void ip(String node, String arguments) {
        sh("ip -n " + name(node) + " " + arguments);
    }

    private void build() {
        for (String node : kept) {
            sh("ip netns add " + name(node));
            sh("ip netns exec " + name(node)
                    + " sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1");
            ip(node, "link set lo up");
        }
        veth("c", "to_d", "d", "to_c", "198.18.0", "01");
        veth("s", "to_d", "d", "to_s", "198.18.1", "02");
        sh(
                "ip netns exec " + name("d")
                        + " sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.to_c.rp_filter=0 net.ipv4.conf.to_s.rp_filter=0");
        ip("d", "route add 100.64.0.0/10 via 198.18.0.2");
        ip("d", "neigh replace 198.18.0.2 lladdr 02:00:00:01:00:02 dev to_c nud permanent");
        for (int i = 1; i <= 10; i++) {
            ip("d", "neigh replace 198.18.1." + (i + 100) + " lladdr 02:00:00:02:00:02 dev to_s nud permanent");
        }
        attach("c", "to_d", count);
        attach("s", "to_d", count);
    }

    /** The director's end is .1, the other .2; without offloads, and with a receiver that takes frames from XDP. */
    private void veth(String other, String its, String director, String ours, String net, String number) {
        sh("ip link add %s netns %s address 02:00:00:%s:00:02 type veth peer name %s netns %s address 02:00:00:%s:00:01"
                .formatted(its, name(other), number, ours, name(director), number));
        ip(director, "addr add " + net + ".1/24 dev " + ours);
        ip(other, "addr add " + net + ".2/24 dev " + its);
        ip(director, "link set " + ours + " up");
        ip(other, "link set " + its + " up");
        sh("ip netns exec %s ethtool -K %s tx off gro on; ip netns exec %s ethtool -K %s tx off gro on"
                .formatted(name(director), ours, name(other), its));
    }

    private BpfLink attach(String node, String device, BpfProgram program) {
        BpfLink link = in(node, () -> bpf.attachXdp(program, device));
        open.add(link);
        return link;
    }

    // --- rounds -----------------------------------------------------------------------------------------------------

    void run(int times, int frames) throws Exception {
        build();
        for (int i = 0; i < times; i++) {
            for (Forwarder forwarder : Forwarder.values()) {
                Round round = round(forwarder, frames);
                rounds.computeIfAbsent(forwarder, _ -> new ArrayList<>()).add(round);
                System.err.printf(
                        "live %-14s %7.0f ns a frame, %,11.0f a second, %.3f arrived%n",
                        forwarder.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
                        round.cpuNanos,
                        round.perSecond,
                        round.arrived);
            }
        }
    }

    private Round round(Forwarder forwarder, int frames) throws Exception {
        return switch (forwarder) {
            case NOBODY -> {
                try (BpfLink _ = in("d", () -> bpf.attachXdp(count, "to_c"))) {
                    yield measure(forwarder, frames);
                }
            }
            case EVENKEEL_DR, EVENKEEL_NAT, EVENKEEL_REPLY -> evenkeel(forwarder, frames);
            case KERNEL -> measure(forwarder, frames);
            case NFTABLES, NFTABLES_REPLY -> {
                String map = IntStream.range(0, 10)
                        .mapToObj(i -> i + " : 198.18.1." + (i + 101))
                        .collect(Collectors.joining(", "));
                Path rules = Files.writeString(out.resolve("bench.nft"), RULES.formatted(map));
                sh("ip netns exec " + name("d") + " nft -f " + rules);
                try {
                    yield measure(forwarder, frames);
                } finally {
                    sh("ip netns exec " + name("d") + " nft delete table ip bench");
                }
            }
        };
    }

    private Round evenkeel(Forwarder forwarder, int frames) throws Exception {
        byte[] elf = KernelObject.bytes().orElseThrow();
        try (KernelObject object = KernelObject.load(bpf, elf, MapSizes.USUAL, out.resolve("verifier.log"))) {
            int toClient = in("d", () -> InterfaceIndex.of("to_c"));
            int toServers = in("d", () -> InterfaceIndex.of("to_s"));
            Tables tables = new Tables(object);
            tables.takesPart(toClient, "020000010001");
            tables.takesPart(toServers, "020000020001");
            tables.wayTo("020000020002", "020000020001");
            Forwarding how = forwarder == Forwarder.EVENKEEL_DR ? new Forwarding.DirectRouting() : new Forwarding.Nat();
            int port = forwarder == Forwarder.EVENKEEL_DR ? PORT : SERVER_PORT;
            int slot = tables.add(
                    "198.18.0.11:514/udp", new Scheduling.RoundRobin(), true, how, "198.18.1.%d", 101, port, toServers);
            tables.commit();
            try (BpfLink _ = in("d", () -> bpf.attachXdp(object.ingress(), "to_c"));
                    BpfLink _ = in("d", () -> bpf.attachXdp(object.ingress(), "to_s"))) {
                Round round = measure(forwarder, frames);
                long counted = forwarder.replies()
                        ? tables.counters(slot).replies()
                        : tables.counters(slot).forwarded();
                if (counted != frames + WARM) {
                    throw new IllegalStateException(forwarder + ": " + counted + " counted of " + (frames + WARM));
                }
                return round;
            }
        }
    }

    private static byte[] frame(Forwarder forwarder) {
        String client = "100.64.0.1:40000";
        return forwarder.replies()
                ? Packet.udp("198.18.1.101:6514", client, "020000020001", "020000020002")
                : Packet.udp(
                        client,
                        forwarder == Forwarder.KERNEL ? "198.18.1.101:6514" : "198.18.0.11:514",
                        "020000010001",
                        "020000010002");
    }

    private Round measure(Forwarder forwarder, int frames) {
        String from = forwarder.replies() ? "s" : "c";
        byte[] frame = frame(forwarder);
        return in(from, () -> {
            MemorySegment.copy(frame, 0, state, JAVA_BYTE, 24, frame.length);
            state.set(JAVA_INT, 16, InterfaceIndex.of("to_d"));
            send(frame, WARM);
            long arrived = state.get(JAVA_LONG, 0);
            long wall = System.nanoTime();
            long cpu = cpu();
            send(frame, frames);
            long spent = cpu() - cpu;
            double seconds = (System.nanoTime() - wall) / 1e9;
            long got = state.get(JAVA_LONG, 0) - arrived;
            return new Round((double) spent / Math.max(1, got), got / seconds, (double) got / frames);
        });
    }

    /** Until the last one has arrived, or nothing comes any more. */
    private void send(byte[] frame, int count) {
        long wanted = state.get(JAVA_LONG, 0) + count;
        LiveFrames.send(send, frame, count);
        long seen = -1;
        while (state.get(JAVA_LONG, 0) < wanted && state.get(JAVA_LONG, 0) != seen) {
            seen = state.get(JAVA_LONG, 0);
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() + KSOFTIRQD.get();
    }

    /** Nanoseconds of this CPU's ksoftirqd so far. */
    private static final Supplier<Long> KSOFTIRQD = softirqThread();

    private static Supplier<Long> softirqThread() {
        String cpu = System.getProperty("bench.cpu");
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            Path thread = processes
                    .filter(path -> path.getFileName().toString().matches("[0-9]+"))
                    .filter(path -> read(path.resolve("comm")).strip().equals("ksoftirqd/" + cpu))
                    .findFirst()
                    .orElseThrow();
            return () -> Long.parseLong(read(thread.resolve("schedstat")).split(" ")[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException gone) {
            return "";
        }
    }

    // --- result -----------------------------------------------------------------------------------------------------

    String table() {
        List<String> lines = new ArrayList<>(List.of(
                "| who forwards | CPU ns a frame | frames a second | arrived | × CPU of the kernel's own forwarding | × CPU of nftables |",
                "|---|---|---|---|---|---|"));
        for (Forwarder forwarder : Forwarder.values()) {
            List<Round> its = rounds.get(forwarder);
            Forwarder nft = forwarder.replies() ? Forwarder.NFTABLES_REPLY : Forwarder.NFTABLES;
            lines.add("| %s | %s | %,.0f | %.2f %% | %s | %s |"
                    .formatted(
                            forwarder.title,
                            Report.ns(spread(its, Round::cpuNanos)),
                            spread(its, Round::perSecond).median(),
                            100 * spread(its, Round::arrived).median(),
                            against(forwarder, Forwarder.KERNEL),
                            against(forwarder, nft)));
        }
        return String.join("\n", lines) + "\n";
    }

    private static Measured.Spread spread(List<Round> rounds, java.util.function.ToDoubleFunction<Round> figure) {
        return Measured.spreadOf(rounds.stream().mapToDouble(figure));
    }

    /** How many times another's processor time, pair by pair; with the first target, 3. */
    private String against(Forwarder one, Forwarder other) {
        List<Round> ours = rounds.get(one);
        List<Round> its = rounds.get(other);
        Measured.Spread spread = Measured.spreadOf(
                IntStream.range(0, ours.size()).mapToDouble(i -> its.get(i).cpuNanos / ours.get(i).cpuNanos));
        String text = "%.2f (%.2f–%.2f)".formatted(spread.median(), spread.least(), spread.most());
        if (!one.evenkeel()) return text;
        return text + (spread.median() >= 3 ? ", ≥ 3 met" : ", ≥ 3 not met");
    }

    @Override
    public void close() {
        for (AutoCloseable each : open) {
            try {
                each.close();
            } catch (Exception e) {
                System.err.println("bench: " + e.getMessage());
            }
        }
        send.close();
        count.close();
        arena.close();
        removeNamespaces();
    }

    /** Also when the bench is interrupted. */
    void removeNamespaces() {
        for (String node : kept) sh("! [ -e /run/netns/" + name(node) + " ] || ip netns del " + name(node));
    }
}
