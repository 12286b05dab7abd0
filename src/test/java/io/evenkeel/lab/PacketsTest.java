package io.evenkeel.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.EchoServer;
import io.evenkeel.traffic.TrafficProcess;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Packets built by hand are judged by the kernel of another namespace: {@code client --- server}. */
@Needs({Capability.ROOT, Capability.NETNS})
class PacketsTest {
    private static final InetSocketAddress FROM = Addresses.at("198.18.0.1", 4_000);
    private static final InetSocketAddress TO = Addresses.at("198.18.0.2", 7);

    @Test
    void theKernelPutsReversedFragmentsTogether() throws Exception {
        try (Lab lab = Lab.open()) {
            Node client = lab.node("client");
            Node server = lab.node("server");
            lab.link(client, server);
            client.address("server", "198.18.0.1/24");
            server.address("client", "198.18.0.2/24");
            TrafficProcess sink = server.traffic(Rig.program());
            sink.serve(EchoServer.Settings.sink(TO));
            List<byte[]> packets = new ArrayList<>();
            for (int id = 1; id <= 50; id++) {
                byte[] datagram = Packets.udp(FROM, TO, new byte[8_000]);
                List<byte[]> fragments = Packets.fragments(FROM.getAddress(), TO.getAddress(), id, datagram, 1_500);
                assertThat(fragments).hasSize(6);
                Collections.reverse(fragments);
                packets.addAll(fragments);
            }
            client.traffic(Rig.program()).sendRaw(packets, 5_000);
            Thread.sleep(200);
            assertThat(sink.report().foreign()).isEqualTo(50);
            assertThat(sink.report().bytes()).isEqualTo(50 * 8_000L);
        }
    }
}
