package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.evenkeel.dataplane.PathCounter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader that stops makes its writer wait, and costs the director neither memory nor time. */
class StreamPressureTest {
    private static final long STOPPED_NANOS = 5_000_000_000L;
    private static final long MOST_GROWTH = 1 << 20;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest(name = "the client reads: {0}")
    @ValueSource(booleans = {false, true})
    void whileAReaderStopsForFiveSecondsTheSenderBlocksAndNothingGrows(boolean clientReads) throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            try (SocketChannel client = SocketChannel.open(it.address());
                    Socket accepted = listener.accept()) {
                // A channel that does not block writes until the kernel takes no more.
                if (clientReads) pressServer(it, client, accepted);
                else pressClient(it, client, accepted);
            }
            it.until("the connection has ended", () -> it.relay.live() == 0);
        }
    }

    private static void pressClient(RelayUnderTest it, SocketChannel client, Socket reader) throws Exception {
        CRC32C sent = new CRC32C();
        client.configureBlocking(false);
        assertThat(blocked(client, sent)).isPositive();
        assertStill(it);
        // Both kernels may settle by a segment or two (window probes); reading ahead would be far more in five seconds.
        assertThat(blocked(client, sent))
                .as("what the sender could still write")
                .isLessThan(MOST_GROWTH);
        client.configureBlocking(true);
        client.shutdownOutput();
        assertThat(checksum(reader)).isEqualTo(sent.getValue());
    }

    private static void pressServer(RelayUnderTest it, SocketChannel reader, Socket accepted) throws Exception {
        // The other way round the blocking writer is a thread of its own.
        CRC32C sent = new CRC32C();
        byte[] block = block();
        Thread writer = Thread.ofPlatform().daemon(true).start(() -> {
            try {
                for (int i = 0; i < 2_000; i++) {
                    accepted.getOutputStream().write(block);
                    sent.update(block);
                }
                accepted.shutdownOutput();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        waitUntilStill(it);
        assertThat(writer.isAlive()).isTrue();
        assertStill(it);
        assertThat(writer.isAlive()).isTrue();
        long got = checksum(reader.socket());
        writer.join();
        assertThat(got).isEqualTo(sent.getValue());
    }

    /** Five seconds in which nothing moves. */
    private static void assertStill(RelayUnderTest it) throws Exception {
        long thread = it.loop.threadId();
        long spliced = it.path(PathCounter.SPLICED_BYTES);
        long resident = residentBytes();
        long allocated = THREADS.getThreadAllocatedBytes(thread);
        long cpu = THREADS.getThreadCpuTime(thread);
        long turns = it.loop.turns();

        Thread.sleep(STOPPED_NANOS / 1_000_000);

        long turnsTaken = it.loop.turns() - turns;
        long cpuTaken = THREADS.getThreadCpuTime(thread) - cpu;
        assertThat(THREADS.getThreadAllocatedBytes(thread) - allocated)
                .as("heap taken by the loop")
                .isLessThan(MOST_GROWTH);
        assertThat(residentBytes() - resident).as("resident memory").isLessThan(MOST_GROWTH);
        assertThat(it.path(PathCounter.SPLICED_BYTES)).isEqualTo(spliced);
        // The test loop ticks 20 times a second: beyond those there is nothing to wake for.
        assertThat(turnsTaken).as("turns of the loop").isLessThan(300);
        assertThat(cpuTaken).as("CPU time of the loop").isLessThan(STOPPED_NANOS / 50);
    }

    private static long blocked(SocketChannel writer, CRC32C sent) throws IOException, InterruptedException {
        byte[] block = block();
        long total = 0;
        int still = 0;
        while (still < 20) {
            int written = writer.write(ByteBuffer.wrap(block));
            sent.update(block, 0, written);
            total += written;
            still = written == 0 ? still + 1 : 0;
            if (written == 0) Thread.sleep(10);
        }
        return total;
    }

    private static void waitUntilStill(RelayUnderTest it) throws InterruptedException {
        long before = -1;
        for (long now = it.path(PathCounter.SPLICED_BYTES); now != before || now == 0; ) {
            before = now;
            Thread.sleep(200);
            now = it.path(PathCounter.SPLICED_BYTES);
        }
    }

    private static byte[] block() {
        byte[] block = new byte[50_000];
        new Random(5).nextBytes(block);
        return block;
    }

    private static long checksum(Socket socket) throws IOException {
        CRC32C sum = new CRC32C();
        byte[] block = new byte[1 << 16];
        for (int n = socket.getInputStream().read(block);
                n >= 0;
                n = socket.getInputStream().read(block)) {
            sum.update(block, 0, n);
        }
        return sum.getValue();
    }

    private static long residentBytes() throws IOException {
        String pages = Files.readString(Path.of("/proc/self/statm")).split(" ")[1];
        return Long.parseLong(pages) * 4_096;
    }
}
