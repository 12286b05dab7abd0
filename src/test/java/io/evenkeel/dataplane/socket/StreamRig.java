package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.LongSupplier;

/** What the tests of TCP services through the plane share. */
final class StreamRig {
    private StreamRig() {}

    static PlaneRig rig() {
        RelayUnderTest.warmUp();
        return new PlaneRig(2);
    }

    static TestService three(PlaneRig rig, Endpoint vip, String address) throws IOException {
        TestService service = new TestService(0, vip).tcp();
        for (int i = 0; i < 3; i++)
            service.server(rig.keep(new StreamBackend(address, i)).endpoint(), 1);
        return service;
    }

    /** Counters are shown at the end of a batch, which a client may outrun. */
    static void counted(PlaneRig rig, long expected, LongSupplier counter) throws InterruptedException {
        rig.awaitHere("a count of " + expected, () -> counter.getAsLong() >= expected);
        assertThat(counter.getAsLong()).isEqualTo(expected);
    }

    static long flows(PlaneRig rig) {
        return rig.server(0, 0).flows()
                + rig.server(0, 1).flows()
                + rig.server(0, 2).flows();
    }

    static Endpoint vip(String address) throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName(address))) {
            return new Endpoint(IpAddress.of(address), free.getLocalPort());
        }
    }

    static InetSocketAddress address(Endpoint endpoint) throws IOException {
        return new InetSocketAddress(InetAddress.getByAddress(endpoint.address().toBytes()), endpoint.port());
    }

    static Socket connect(PlaneRig rig, Endpoint vip) throws IOException {
        Socket client = rig.keep(new Socket());
        client.connect(address(vip));
        client.setSoTimeout(10_000);
        return client;
    }

    static int greeting(Socket client) throws IOException {
        return client.getInputStream().read();
    }

    static void echoes(Socket client) throws IOException {
        client.getOutputStream().write(77);
        assertThat(client.getInputStream().read()).isEqualTo(77);
    }
}
