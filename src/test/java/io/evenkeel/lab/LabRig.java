package io.evenkeel.lab;

import io.evenkeel.linux.PinDirectory;
import io.evenkeel.traffic.Addresses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The director between its clients and its realservers, each a network namespace.
 *
 * <pre>
 *   cl ------------- d1 ------------- sw ----+---- b1
 *   198.18.0.1       198.18.0.254     bridge +---- b2
 *                    198.18.0.200 VIP        +---- b3
 *                    198.18.1.254            198.18.1.11, .12, .13
 * </pre>
 *
 * Over IPv6 the same with 2001:db8:0:0:: and 2001:db8:0:1::. d1 is everybody's default gateway, and forwards nothing
 * itself unless the kernel plane is asked for. Realservers that are one process share the node b1.
 */
public final class LabRig extends Rig {
    private static final String KERNEL = "kernel";

    private final Lab lab;
    private final Node client;
    private final Node director;
    private final List<Node> servers = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private int ownAddresses = 1;
    private @Nullable PinDirectory pins;
    private @Nullable Path shared;

    LabRig(String plane, Layout layout) {
        super(plane, layout);
        this.lab = Lab.open();
        client = lab.node("cl");
        director = lab.node("d1");
        links.add(lab.link(client, director));
        Node sw = lab.node("sw");
        List<Link> plugs = new ArrayList<>();
        plugs.add(lab.link(director, sw));
        int nodes = layout.together() ? 1 : layout.servers();
        for (int i = 1; i <= nodes; i++) {
            Node server = lab.node("b" + i);
            servers.add(server);
            plugs.add(lab.link(server, sw));
        }
        lab.bridge(sw, plugs);
        links.addAll(plugs);
        giveAddresses(layout);
        if (plane.equals(KERNEL)) makeReadyForXdp();
    }

    /** The stack has to route the replies whose way the program does not know yet. */
    private void makeReadyForXdp() {
        Capability.require(Capability.CLANG, Capability.LIBBPF, Capability.BPF, Capability.ETHTOOL);
        links.forEach(Link::readyForXdp);
        director.sysctl(layout().v6() ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward", "1");
        try {
            pins = new PinDirectory();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void giveAddresses(Layout layout) {
        int bits = layout.v6() ? 64 : 24;
        client.address("d1", outside(1) + "/" + bits).defaultRoute(outside(254));
        director.address("cl", outside(254) + "/" + bits).address("cl", outside(200) + "/" + bits);
        director.address("sw", inside(254) + "/" + bits);
        for (int i = 1; i <= layout.servers(); i++) {
            nodeOf(i).address("sw", inside(10 + i) + "/" + bits);
        }
        servers.forEach(server -> server.defaultRoute(inside(254)));
    }

    private String outside(int host) {
        return layout().v6() ? "2001:db8::" + Integer.toHexString(host) : "198.18.0." + host;
    }

    private String inside(int host) {
        return layout().v6() ? "2001:db8:0:1::" + Integer.toHexString(host) : "198.18.1." + host;
    }

    /** The node of realserver {@code i}, from 1. */
    public Node nodeOf(int i) {
        return servers.get(layout().together() ? 0 : i - 1);
    }

    public Node clientNode() {
        return client;
    }

    public Node directorNode() {
        return director;
    }

    /** The bpf filesystem of this lab, which its directors see in the usual place. */
    public Path pins() {
        if (shared != null) return shared;
        if (pins == null) throw new IllegalStateException("not on the " + plane() + " plane");
        return pins.path();
    }

    /** Keeps the pins of its directors where another lab does, as two instances on one machine do; before the first. */
    public void sharePins(LabRig other) {
        shared = other.pins();
    }

    /** Runs a short command of evenkeel where the director is. */
    public Command.Outcome evenkeel(String... arguments) {
        List<String> command = new ArrayList<>(directorPrefix());
        command.addAll(program().command("io.evenkeel.cli.Main", List.of(arguments)));
        return Command.attempt(command);
    }

    /** Checksums and segmentation in software everywhere, so that packets look as on a real wire. */
    public void withoutOffloads() {
        Capability.require(Capability.ETHTOOL);
        links.forEach(Link::withoutOffloads);
    }

    @Override
    public InetSocketAddress vip() {
        return Addresses.at(outside(200), PORT);
    }

    @Override
    public InetSocketAddress server(int i) {
        return Addresses.at(inside(10 + i), PORT);
    }

    @Override
    public List<InetAddress> clientAddresses(int count) {
        List<InetAddress> addresses = new ArrayList<>();
        for (int host = 1; host <= count; host++) {
            if (host > 1 && ownAddresses < host) client.address("d1", outside(host) + "/" + (layout().v6() ? 64 : 24));
            addresses.add(InetAddress.ofLiteral(outside(host)));
        }
        ownAddresses = Math.max(ownAddresses, count);
        return addresses;
    }

    @Override
    List<String> clientPrefix() {
        return client.prefix();
    }

    @Override
    List<String> directorPrefix() {
        return plane().equals(KERNEL) ? director.prefixWithBpf(pins()) : director.prefix();
    }

    @Override
    List<String> serverPrefix(int i) {
        return nodeOf(i).prefix();
    }

    @Override
    void takeDown() {
        lab.close();
        if (pins != null) pins.close();
    }
}
