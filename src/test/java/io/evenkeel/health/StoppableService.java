package io.evenkeel.health;

import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A realserver in a process of its own: HTTP over TCP, echo over UDP, on ports of 127.0.0.1 that it prints. */
final class StoppableService {
    private StoppableService() {}

    public static void main(String[] arguments) throws IOException {
        InetAddress address = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        try (ServerSocket tcp = new ServerSocket(0, 50, address);
                DatagramSocket udp = new DatagramSocket(new InetSocketAddress(address, 0))) {
            Thread.ofPlatform().daemon().start(() -> echo(udp));
            System.out.println(tcp.getLocalPort() + " " + udp.getLocalPort());
            System.out.flush();
            while (true) serve(tcp);
        }
    }

    private static void serve(ServerSocket tcp) throws IOException {
        try (Socket client = tcp.accept()) {
            InputStream in = client.getInputStream();
            if (in.read(new byte[2_000]) > 0) {
                client.getOutputStream().write("HTTP/1.0 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    private static void echo(DatagramSocket udp) {
        DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
        while (true) {
            try {
                udp.receive(packet);
                udp.send(packet);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }
}
