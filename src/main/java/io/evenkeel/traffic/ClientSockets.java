package io.evenkeel.traffic;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The sockets of one sender: opened, picked for each datagram, closed. Used by the sender's thread only. */
final class ClientSockets implements AutoCloseable {
    private static final int RECEIVE_BUFFER_BYTES = 4 << 20;

    /** A socket and the client number its datagrams carry; a fresh socket is always client 0. */
    record Client(DatagramChannel socket, int number) {}

    private final SendPlan plan;
    private final Selector selector;
    private final List<Client> lasting = new ArrayList<>();
    private final HashMap<Long, Client> fresh = new HashMap<>();

    ClientSockets(SendPlan plan, Selector selector) throws IOException {
        this.plan = plan;
        this.selector = selector;
        try {
            int count = switch (plan.sockets()) {
                case SocketUse.One() -> 1;
                case SocketUse.Each(int clients) -> clients;
                case SocketUse.Fresh _ -> 0;
            };
            for (int i = 0; i < count; i++) lasting.add(open(i, new InetSocketAddress(sourceOf(i), 0)));
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Local addresses of the lasting sockets, by client number. */
    List<InetSocketAddress> addresses() throws IOException {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (Client client : lasting) addresses.add((InetSocketAddress) client.socket.getLocalAddress());
        return addresses;
    }

    /** The socket for the datagram with this sequence number. */
    Client pick(long sequence) throws IOException {
        if (!(plan.sockets() instanceof SocketUse.Fresh(int firstPort))) {
            return lasting.get((int) (sequence % lasting.size()));
        }
        int sources = Math.max(1, plan.sources().size());
        int port = firstPort == 0 ? 0 : firstPort + (int) (sequence / sources);
        Client client = open(0, new InetSocketAddress(sourceOf(sequence), port));
        fresh.put(sequence, client);
        return client;
    }

    /** No reply to this datagram is waited for any more: a fresh socket is closed. */
    void release(long sequence) throws IOException {
        Client client = fresh.remove(sequence);
        if (client != null) client.socket.close();
    }

    @Override
    public void close() throws IOException {
        for (Client client : lasting) client.socket.close();
        for (Client client : fresh.values()) client.socket.close();
    }

    private @Nullable InetAddress sourceOf(long n) {
        List<InetAddress> sources = plan.sources();
        return sources.isEmpty() ? null : sources.get((int) (n % sources.size()));
    }

    private Client open(int number, InetSocketAddress local) throws IOException {
        DatagramChannel socket = DatagramChannel.open(EchoServer.familyOf(plan.target()));
        try {
            socket.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER_BYTES);
            boolean anywhere = plan.sources().isEmpty() && local.getPort() == 0;
            socket.bind(anywhere ? null : local).configureBlocking(false);
            Client client = new Client(socket, number);
            if (plan.repliesPerRequest() > 0) socket.register(selector, SelectionKey.OP_READ, client);
            return client;
        } catch (IOException e) {
            socket.close();
            throw new IOException("client socket " + local + ": " + e.getMessage(), e);
        }
    }
}
