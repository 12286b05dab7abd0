package io.evenkeel.lab;

import io.evenkeel.traffic.Addresses;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Everything on one machine's loopback. Over IPv4 each realserver has an address of its own in a part of 127.0.0.0/8 that
 * follows from our process id; over IPv6, where loopback has one address, a port of its own.
 */
final class LoopbackRig extends Rig {
    private static final int FIRST_PORT = 20_000;
    private static final int PORT_BLOCKS = 100;
    private static final int BLOCK = 100;

    private final String network;
    private final int ports;

    LoopbackRig(String plane, Layout layout) throws IOException {
        super(plane, layout);
        if (layout.v6()) Capability.require(Capability.IPV6);
        long pid = ProcessHandle.current().pid();
        this.network = "127." + (64 + pid % 64) + "." + (1 + pid / 64 % 250) + ".";
        this.ports = layout.v6() ? freePorts(layout.servers() + 1) : PORT;
    }

    @Override
    public InetSocketAddress vip() {
        return layout().v6() ? Addresses.at("::1", ports) : Addresses.at(network + 200, ports);
    }

    @Override
    public InetSocketAddress server(int i) {
        return layout().v6() ? Addresses.at("::1", ports + i) : Addresses.at(network + (10 + i), ports);
    }

    @Override
    public List<InetAddress> clientAddresses(int count) {
        String next = network.replaceFirst("\\.\\d+\\.$", ".251."); // 251 is nobody's third octet
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> InetAddress.ofLiteral(layout().v6() ? "::1" : next + i))
                .toList();
    }

    @Override
    List<String> clientPrefix() {
        return List.of();
    }

    @Override
    List<String> directorPrefix() {
        return List.of();
    }

    @Override
    List<String> serverPrefix(int i) {
        return List.of();
    }

    private static int freePorts(int count) throws IOException {
        int start = (int) (ProcessHandle.current().pid() % PORT_BLOCKS);
        for (int i = 0; i < PORT_BLOCKS; i++) {
            int first = FIRST_PORT + (start + i) % PORT_BLOCKS * BLOCK;
            if (allFree(first, count)) return first;
        }
        throw new IOException("no " + count + " free ports in a row on ::1");
    }

    private static boolean allFree(int first, int count) {
        for (int port = first; port < first + count; port++) {
            try (DatagramSocket probe = new DatagramSocket(Addresses.at("::1", port))) {
                if (probe.getLocalPort() != port) return false;
            } catch (IOException taken) {
                return false;
            }
        }
        return true;
    }
}
