package io.evenkeel.lab;

import io.evenkeel.traffic.TrafficProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network of our own: nodes are network namespaces {@code ek-<pid>-<n>}, links are veth pairs made directly inside them,
 * so that nothing ever appears in the machine's own namespace. Everything goes away on {@link #close}, on exit of this
 * process, and, if it was killed, when the next lab opens. Needs root and network namespaces.
 */
public final class Lab implements AutoCloseable {
    private static final Path NAMESPACES = Path.of("/run/netns");
    private static final Pattern NAME = Pattern.compile("ek-(\\d+)-\\d+");
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final Set<Lab> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> List.copyOf(OPEN).forEach(Lab::close), "ek-lab-cleanup"));
    }

    private final List<Node> nodes = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private final List<TrafficProcess> traffic = new ArrayList<>();

    private Lab() {}

    /** An empty lab. Skips or fails the test if the machine cannot have one. */
    public static Lab open() {
        Capability.require(Capability.ROOT, Capability.NETNS);
        removeLeftovers();
        Lab lab = new Lab();
        OPEN.add(lab);
        return lab;
    }

    /** A new node with only a loopback interface, which is up. */
    public Node node(String role) {
        String name = "ek-" + ProcessHandle.current().pid() + "-" + NEXT.getAndIncrement();
        Command.run("ip", "netns", "add", name);
        Node node = new Node(this, role, name);
        nodes.add(node);
        node.ip("link", "set", "lo", "up");
        return node;
    }

    /** A cable between two nodes, both ends up and without addresses. */
    public Link link(Node left, Node right) {
        String leftDevice = right.role();
        String rightDevice = left.role();
        Command.run(List.of(
                "ip",
                "link",
                "add",
                leftDevice,
                "netns",
                left.namespace(),
                "type",
                "veth",
                "peer",
                "name",
                rightDevice,
                "netns",
                right.namespace()));
        left.ip("link", "set", leftDevice, "up");
        right.ip("link", "set", rightDevice, "up");
        return new Link(left, leftDevice, right, rightDevice);
    }

    /** Makes a node a switch: plugs its ends of the given links into one bridge. */
    public void bridge(Node node, List<Link> links) {
        node.ip("link", "add", "name", "bridge0", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0");
        node.ip("link", "set", "bridge0", "up");
        for (Link link : links) {
            String device = link.left() == node ? link.leftDevice() : link.rightDevice();
            node.ip("link", "set", device, "master", "bridge0");
        }
    }

    void adopt(Process process) {
        processes.add(process);
    }

    void adopt(TrafficProcess process) {
        traffic.add(process);
    }

    @Override
    public void close() {
        if (!OPEN.remove(this)) return;
        traffic.forEach(TrafficProcess::close);
        processes.forEach(Process::destroyForcibly);
        for (Node node : nodes) remove(node.namespace());
    }

    /** Names of the namespaces of all labs, ours and others'. */
    static List<String> namespaces() {
        List<String> names = new ArrayList<>();
        if (!Files.isDirectory(NAMESPACES)) return names;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(NAMESPACES, "ek-*")) {
            for (Path entry : entries) names.add(entry.getFileName().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }

    private static void removeLeftovers() {
        for (String name : namespaces()) {
            Matcher matcher = NAME.matcher(name);
            if (!matcher.matches()) continue;
            boolean ownerLives =
                    ProcessHandle.of(Long.parseLong(matcher.group(1))).isPresent();
            if (!ownerLives) remove(name);
        }
    }

    /** Ends what still runs in a namespace of a lab, then removes it. */
    private static void remove(String namespace) {
        Command.Outcome pids = Command.attempt(List.of("ip", "netns", "pids", namespace));
        for (String pid : pids.output().split("\\s+")) {
            if (!pid.isEmpty()) ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
        Command.attempt(List.of("ip", "netns", "del", namespace));
    }
}
