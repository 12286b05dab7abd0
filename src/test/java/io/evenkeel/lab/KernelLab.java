package io.evenkeel.lab;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A lab with directors on the kernel plane, for topologies that {@link LabRig} does not have. Both families everywhere:
 * host {@code n} of network {@code m} is 198.18.m.n and 2001:db8:0:m::n, n in hexadecimal there. The ends are sockets of
 * the test's own process, made in their nodes. One thread, the test's.
 */
public final class KernelLab implements AutoCloseable {
    private static final Duration UP_PATIENCE = Duration.ofSeconds(10);

    private final Lab lab;
    private final List<DirectorUnderTest> directors = new ArrayList<>();
    private final List<Closeable> ends = new ArrayList<>();
    private final TreeMap<Integer, Node> servers = new TreeMap<>();

    private @Nullable Node client;
    private @Nullable Node director;
    private @Nullable Node switchNode;

    private KernelLab() {
        Capability.require(Capability.CLANG, Capability.LIBBPF, Capability.BPF, Capability.ETHTOOL, Capability.IPV6);
        lab = Lab.open();
    }

    /** Nothing yet. */
    public static KernelLab open() {
        return new KernelLab();
    }

    /**
     * The director between two networks.
     *
     * <pre>
     *   cl ---- net 0 ---- d1 ---- net 1 (bridge sw) ---- b1, b2, ...
     *   .1                 .254, VIP .200                 .11, .12, ...
     * </pre>
     *
     * d1 is everybody's gateway.
     */
    public static KernelLab twoArmed(int servers) {
        KernelLab made = open();
        Node client = made.node("cl");
        Node director = made.node("d1");
        Node sw = made.node("sw");
        made.link(client, director);
        made.address(client, "d1", 0, 1).address(director, "cl", 0, 254).address(director, "cl", 0, 200);
        List<Link> plugs = new ArrayList<>(List.of(made.link(director, sw)));
        for (int i = 1; i <= servers; i++) plugs.add(made.link(made.newServer(i), sw));
        made.lab.bridge(sw, plugs);
        made.address(director, "sw", 1, 254);
        made.servers.forEach((i, server) -> made.address(server, "sw", 1, 10 + i));
        made.servers.values().forEach(server -> made.defaultRoute(server, 1, 254));
        made.defaultRoute(client, 0, 254);
        made.routes(director);
        made.client = client;
        made.switchNode = sw;
        made.director = director;
        return made;
    }

    /**
     * Everybody in one network, as DR likes it.
     *
     * <pre>
     *   cl .1 ---- net 0 (bridge sw) ---- d1 .254, VIP .200
     *                     +-------------- b1 .11, b2 .12, ...
     * </pre>
     */
    public static KernelLab oneArmed(int servers) {
        KernelLab made = open();
        Node client = made.node("cl");
        Node director = made.node("d1");
        Node sw = made.node("sw");
        List<Link> plugs = new ArrayList<>(List.of(made.link(client, sw), made.link(director, sw)));
        for (int i = 1; i <= servers; i++) plugs.add(made.link(made.newServer(i), sw));
        made.lab.bridge(sw, plugs);
        made.address(client, "sw", 0, 1).address(director, "sw", 0, 254);
        // Not a source for its own probes: realservers have this address too, and would answer themselves.
        director.address("sw", v4(0, 200) + "/32");
        director.ip("addr", "add", v6(0, 200) + "/128", "dev", "sw", "nodad", "preferred_lft", "0");
        made.servers.forEach((i, server) -> made.address(server, "sw", 0, 10 + i));
        made.routes(director);
        made.client = client;
        made.switchNode = sw;
        made.director = director;
        return made;
    }

    private Node newServer(int i) {
        Node server = node("b" + i);
        servers.put(i, server);
        return server;
    }

    /** A node whose addresses are usable at once: without its link's own it could not ask for IPv6 neighbours. */
    public Node node(String role) {
        return lab.node(role).sysctl("net.ipv6.conf.default.dad_transmits", "0");
    }

    /** A cable whose ends XDP can serve. */
    public Link link(Node left, Node right) {
        return lab.link(left, right).readyForXdp();
    }

    /** Plugs another node into the switch of {@link #twoArmed} or {@link #oneArmed}. */
    public void plug(Node node) {
        Node sw = Objects.requireNonNull(switchNode);
        link(node, sw);
        sw.ip("link", "set", node.role(), "master", "bridge0");
    }

    /** A switch with these nodes plugged in. */
    public Node bridge(String role, List<Node> plugged) {
        Node sw = node(role);
        lab.bridge(sw, plugged.stream().map(node -> link(node, sw)).toList());
        return sw;
    }

    /** Gives a node its addresses in a network. */
    public KernelLab address(Node node, String device, int network, int host) {
        node.address(device, v4(network, host) + "/24").address(device, v6(network, host) + "/64");
        return this;
    }

    public void defaultRoute(Node node, int network, int host) {
        node.defaultRoute(v4(network, host)).defaultRoute(v6(network, host));
    }

    /** Makes a node a router. */
    public void routes(Node node) {
        node.sysctl("net.ipv4.ip_forward", "1").sysctl("net.ipv6.conf.all.forwarding", "1");
    }

    public Node clientNode() {
        return Objects.requireNonNull(client);
    }

    public Node directorNode() {
        return Objects.requireNonNull(director);
    }

    /** The node of realserver {@code i}, from 1. */
    public Node server(int i) {
        Node server = servers.get(i);
        if (server == null) throw new IllegalArgumentException("no realserver " + i);
        return server;
    }

    public int servers() {
        return servers.size();
    }

    public static String v4(int network, int host) {
        return "198.18." + network + "." + host;
    }

    public static String v6(int network, int host) {
        return "2001:db8:0:" + network + "::" + Integer.toHexString(host);
    }

    /** Host {@code host} of a network, at a port. */
    public static InetSocketAddress at(boolean v6, int network, int host, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(v6 ? v6(network, host) : v4(network, host)), port);
    }

    /** Closed with the lab. */
    public <T extends Closeable> T keep(T end) {
        ends.add(end);
        return end;
    }

    /** Starts a director on the kernel plane and waits until it serves. */
    public DirectorUnderTest directorAt(Node node, String configuration) throws IOException, InterruptedException {
        DirectorUnderTest started = DirectorUnderTest.start(node.prefixWithBpf(), configuration, "kernel");
        directors.add(started);
        started.awaitReady();
        return started;
    }

    /** Starts one at d1 and waits until all of its realservers are up. */
    public DirectorUnderTest directorWithAllUp(String configuration) throws IOException, InterruptedException {
        DirectorUnderTest started = directorAt(directorNode(), configuration);
        started.awaitAllUp(UP_PATIENCE);
        return started;
    }

    @Override
    public void close() throws IOException {
        try {
            for (DirectorUnderTest each : directors) each.close();
        } finally {
            for (Closeable end : ends) end.close();
            lab.close();
        }
    }
}
