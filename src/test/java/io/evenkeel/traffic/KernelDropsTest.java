package io.evenkeel.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelDropsTest {

    @Test
    void countsExactlyWhatDidNotFitTheReceiveBuffer() throws IOException {
        try (DatagramChannel full = DatagramChannel.open(java.net.StandardProtocolFamily.INET);
                DatagramChannel sender = DatagramChannel.open(java.net.StandardProtocolFamily.INET)) {
            full.setOption(StandardSocketOptions.SO_RCVBUF, 4_096);
            full.bind(Addresses.at("127.0.0.1", 0)).configureBlocking(false);
            InetSocketAddress at = (InetSocketAddress) full.getLocalAddress();
            for (int i = 0; i < 200; i++) sender.send(ByteBuffer.allocate(512), at);
            long drops = KernelDrops.sum(List.of(at));
            int received = 0;
            while (full.receive(ByteBuffer.allocate(512)) != null) received++;
            assertThat(received).isBetween(1, 199);
            assertThat(drops).isEqualTo(200 - received);
        }
    }

    @Test
    void addressesAreWrittenAsTheKernelWritesThem() throws IOException {
        assertThat(KernelDrops.asInProc(Addresses.at("127.0.0.1", 53))).isEqualTo("0100007F:0035");
        assertThat(KernelDrops.asInProc(Addresses.at("2001:db8::1", 4660)))
                .isEqualTo("B80D0120000000000000000001000000:1234");
    }
}
