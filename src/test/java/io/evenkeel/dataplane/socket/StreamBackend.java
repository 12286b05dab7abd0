package io.evenkeel.dataplane.socket;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A TCP realserver of a test: greets every client with its own number, then sends back what it gets. */
final class StreamBackend implements Closeable {
    private final ServerSocket listener;
    private final int number;
    private final ExecutorService threads =
            Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon(true).factory());
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

    private final Thread accepting =
            Thread.ofPlatform().daemon(true).name("stream-backend").unstarted(this::run);

    StreamBackend(String address, int number) throws IOException {
        this.number = number;
        listener = new ServerSocket(0, 1_000, InetAddress.getByName(address));
        accepting.start();
    }

    Endpoint endpoint() {
        return new Endpoint(IpAddress.ofBytes(listener.getInetAddress().getAddress()), listener.getLocalPort());
    }

    private void run() {
        try {
            while (true) {
                Socket client = listener.accept();
                clients.add(client);
                threads.submit(() -> serve(client));
            }
        } catch (IOException closed) {
            return; // the end of the test
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.getOutputStream().write(number);
            client.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException broken) {
            return; // a client that reset: some tests want that
        } finally {
            clients.remove(client);
        }
    }

    /** Takes no more clients from when this returns; those that are there stay. */
    void refuse() throws IOException {
        listener.close();
        try {
            accepting.join(); // the port is closed when the last call on it has returned
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    @Override
    public void close() throws IOException {
        refuse();
        for (Socket client : clients) client.close();
        threads.close();
    }
}
