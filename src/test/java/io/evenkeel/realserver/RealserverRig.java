package io.evenkeel.realserver;

import io.evenkeel.lab.Command;
import io.evenkeel.lab.Lab;
import io.evenkeel.lab.Node;
import io.evenkeel.linux.FrameSender;
import io.evenkeel.linux.NamespaceThread;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Three machines on one bridge: {@code cl} (198.18.0.1, 2001:db8::1), {@code d1} (.2, ::2), which only sends frames that a
 * test makes by hand, and {@code b1} (.3, ::3), the realserver. The VIPs are 198.18.0.100 and 2001:db8::100.
 */
final class RealserverRig implements AutoCloseable {
    static final String VIP4 = "198.18.0.100";
    static final String VIP6 = "2001:db8::100";
    static final int PORT = 514;

    private final Lab lab = Lab.open();
    final Node client = machine("cl");
    final Node director = machine("d1");
    final Node server = machine("b1");

    RealserverRig() {
        Node sw = lab.node("sw");
        lab.bridge(sw, List.of(lab.link(client, sw), lab.link(director, sw), lab.link(server, sw)));
        int host = 0;
        for (Node node : List.of(client, director, server)) {
            host++;
            node.address("sw", "198.18.0." + host + "/24").address("sw", "2001:db8::" + host + "/64");
        }
    }

    private Node machine(String role) {
        return lab.node(role).sysctl("net.ipv6.conf.default.accept_dad", "0");
    }

    static String mac(Node node) {
        return node.run("cat", "/sys/class/net/sw/address").strip();
    }

    /** The realserver's own address of the same family. */
    String own(String vip) {
        return vip.indexOf(':') < 0 ? "198.18.0.3" : "2001:db8::3";
    }

    /** Every setting and address of the realserver, for comparison. */
    String everything() {
        return server.run("sysctl", "-a", "-r", "^net\\.ipv[46]\\.conf")
                + server.run("sh", "-c", "ip -o addr | sed 's/ *valid_lft.*//'")
                + server.run("sh", "-c", "tc qdisc show; bpftool -j net show 2>/dev/null | tr -d ' '");
    }

    String setting(String key) {
        return server.run("cat", "/proc/sys/" + key).strip();
    }

    String addressesOfLoopback() {
        return server.run("ip", "-o", "addr", "show", "dev", "lo");
    }

    /** A client's socket that waits at most a second for an answer. */
    DatagramSocket client(String address) throws Exception {
        return NamespaceThread.call(client, () -> {
            DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), 0));
            socket.setSoTimeout(1_000);
            return socket;
        });
    }

    /** Answers every datagram with the same bytes, from a socket that is bound to {@code address}; ends with it. */
    DatagramSocket echo(String address) throws Exception {
        DatagramSocket socket = NamespaceThread.call(
                server, () -> new DatagramSocket(new InetSocketAddress(InetAddress.getByName(address), PORT)));
        Thread.ofPlatform().daemon().name("echo").start(() -> {
            DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
            try {
                while (true) {
                    packet.setLength(2_000);
                    socket.receive(packet);
                    socket.send(packet);
                }
            } catch (IOException closed) {
                // the test is over
            }
        });
        return socket;
    }

    /** Sends an IP packet to the realserver's MAC address, as a director does. */
    void direct(byte[] packet) throws Exception {
        byte[] frame = Wrapped.ethernet(
                mac(server), mac(director), packet[0] >>> 4 == 6 ? Wrapped.TYPE_6 : Wrapped.TYPE_4, packet);
        NamespaceThread.call(director, () -> {
            try (FrameSender sender = new FrameSender("sw")) {
                sender.send(frame);
            }
            return true;
        });
    }

    /** The next answer as {@code address:port text}; empty if none comes. */
    static Optional<String> answer(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
        try {
            socket.receive(packet);
        } catch (SocketTimeoutException none) {
            return Optional.empty();
        }
        String from = packet.getAddress().getHostAddress() + ":" + packet.getPort();
        return Optional.of(from + " " + new String(packet.getData(), 0, packet.getLength(), StandardCharsets.US_ASCII));
    }

    /** Whether the client learns a MAC address for {@code address} when it has something to send there. */
    boolean neighbourAnswers(String address) throws Exception {
        Command.attempt(List.of("ip", "-n", client.namespace(), "neigh", "flush", "to", address));
        String family = address.indexOf(':') < 0 ? "-4" : "-6";
        client.ip(family, "route", "replace", address, "dev", "sw");
        DatagramSocket socket = client(address.indexOf(':') < 0 ? "198.18.0.1" : "2001:db8::1");
        try (socket) {
            socket.send(new DatagramPacket(new byte[1], 1, new InetSocketAddress(address, 9)));
            for (int i = 0; i < 50; i++) {
                String entry = client.run("ip", "neigh", "show", "to", address);
                if (entry.contains("lladdr")) return true;
                if (entry.contains("FAILED")) return false;
                Thread.sleep(100);
            }
            throw new AssertionError("the neighbour is neither there nor not");
        }
    }

    @Override
    public void close() {
        lab.close();
    }
}
