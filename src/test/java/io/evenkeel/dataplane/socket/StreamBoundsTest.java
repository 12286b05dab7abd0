package io.evenkeel.dataplane.socket;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.lab.Command;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import java.io.Closeable;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Many connections, no room, no descriptors: nothing leaks, nothing spins, everything is counted. */
class StreamBoundsTest {

    @Test
    void twoThousandConnectionsLeaveNothingBehind() throws Exception {
        // RelayUnderTest counts descriptors, connections, watches and load at its end.
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            it.server();
            it.loop.run(() -> it.service.servers.getLast().takesNew = false);
            long files = RelayUnderTest.openFiles();
            for (int i = 0; i < 2_000; i++) {
                try (Socket client = new Socket(it.address().getAddress(), it.port);
                        Socket server = listener.accept()) {
                    client.getOutputStream().write(i);
                    assertThat(server.getInputStream().read()).isEqualTo(i & 255);
                    if (i % 5 == 0) RelayUnderTest.reset(client);
                    if (i % 7 == 0) RelayUnderTest.reset(server);
                }
            }
            it.until("all have ended", () -> it.relay.live() == 0);
            assertThat(it.forwarded()).isEqualTo(2_000);
            assertThat(RelayUnderTest.openFiles() - files).isLessThanOrEqualTo(2L * StreamPool.IDLE_PIPES);
        }
    }

    @Test
    void connectionsAtOnceShareThePipesThatTheyNeed() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            List<Socket> clients = new ArrayList<>();
            List<Socket> servers = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                clients.add(it.client());
                servers.add(it.accept(listener));
            }
            long files = RelayUnderTest.openFiles();
            for (int i = 0; i < 500; i++) clients.get(i).getOutputStream().write(i);
            for (int i = 0; i < 500; i++)
                assertThat(servers.get(i).getInputStream().read()).isEqualTo(i & 255);
            assertThat(RelayUnderTest.openFiles() - files)
                    .as("pipes of idle connections")
                    .isLessThanOrEqualTo(4);
            assertThat(it.live()).isEqualTo(500);
        }
    }

    @Test
    void withoutRoomAClientIsResetAndCounted() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest(false, StreamRelay.IDLE_NANOS, 2)) {
            it.server();
            Socket first = it.client();
            it.client();
            it.until("two are served", () -> it.service.forwarded == 2);

            StreamRelayTest.assertReset(it.client());
            assertThat(it.drops(DropReason.FLOW_TABLE_FULL)).isEqualTo(1);
            RelayUnderTest.reset(first);
            it.until("there is room again", () -> it.relay.live() == 1);
            it.client();
            it.until("a third is served", () -> it.service.forwarded == 3);
        }
    }

    @Test
    void withoutDescriptorsClientsAreRefusedAndCountedWithoutSpinning() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            loadClasses(it);
            Socket served = it.client();
            Socket server = it.accept(listener);
            List<Socket> late = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                Socket client = new Socket();
                client.setSoTimeout(2_000); // gives it a descriptor
                late.add(client);
            }
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            int refused = 0;
            try (Scarcity scarcity = new Scarcity()) {
                assertThat(scarcity.taken).isNotEmpty();
                long cpu = threads.getThreadCpuTime(it.loop.threadId());
                for (Socket client : late) {
                    client.connect(it.address());
                    if (isReset(client)) refused++;
                }
                served.getOutputStream().write(5);
                assertThat(server.getInputStream().read()).isEqualTo(5);
                Thread.sleep(1_000);
                assertThat(threads.getThreadCpuTime(it.loop.threadId()) - cpu).isLessThan(300_000_000L);
            }
            assertThat(refused).isEqualTo(20);
            assertThat(it.drops(DropReason.FLOW_TABLE_FULL)).isEqualTo(20);
            for (Socket client : late) client.close();
            Socket again = it.client();
            Socket itsServer = it.accept(listener);
            again.getOutputStream().write(6);
            assertThat(itsServer.getInputStream().read()).isEqualTo(6);
        }
    }

    @Test
    void withoutADescriptorInReserveAcceptingPausesUntilThereIsOne() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            loadClasses(it);
            SocketChannel client = SocketChannel.open();
            it.loop.run(it.pool::releaseReserve);
            long turns;
            try (Scarcity scarcity = new Scarcity()) {
                assertThat(scarcity.taken).isNotEmpty();
                client.connect(it.address());
                Thread.sleep(100);
                turns = it.loop.turns();
                Thread.sleep(1_000);
                turns = it.loop.turns() - turns;
            }
            assertThat(turns)
                    .as("turns of the loop in a second: ticks, and a pause at each")
                    .isLessThan(100);
            assertThat(it.path(PathCounter.ACCEPT_PAUSES)).isBetween(1L, 100L);
            Socket server = it.accept(listener);
            client.write(ByteBuffer.wrap(new byte[] {9}));
            assertThat(server.getInputStream().read()).isEqualTo(9);
            client.close();
        }
    }

    @Test
    void withoutAPipeADirectionWaitsForOneAndLosesNothing() throws Exception {
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            loadClasses(it);
            Socket client = it.client();
            Socket server = it.accept(listener);
            it.until("it is served", () -> it.service.forwarded == 2);
            it.loop.run(it.pool::releaseIdle);
            try (Scarcity scarcity = new Scarcity()) {
                assertThat(scarcity.taken).isNotEmpty();
                client.getOutputStream().write(new byte[] {1, 2, 3});
                client.shutdownOutput();
                Thread.sleep(200);
                assertThat(server.getInputStream().available()).isZero();
            }
            assertThat(server.getInputStream().readAllBytes()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void whateverManyClientsAndServersDoEveryConnectionEndsAndIsCounted() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (RelayUnderTest it = new RelayUnderTest()) {
            for (int i = 0; i < 3; i++) it.server();
            it.refusingServer();
            byte[] block = new byte[200_000];
            int clients = 600;
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 3; i++) threads.add(StreamMischief.server(it.listenerOf(i), random.nextLong()));
            for (int i = 0; i < clients; i++) {
                threads.add(StreamMischief.client(it.address(), random.nextLong(), block));
                if (i % 20 == 0) {
                    int slot = random.nextInt(3);
                    it.loop.run(() -> {
                        it.service.servers.get(slot).generation++;
                        it.relay.serversChanged(it.loop.nowNanos());
                    });
                }
                Thread.sleep(1);
            }
            for (Thread thread : threads.subList(3, threads.size())) thread.join();
            it.until("all have ended", () -> it.relay.live() == 0);
            for (int i = 0; i < 3; i++) it.listenerOf(i).close();
            for (Thread thread : threads) thread.join();
            // A client that is reset before it is accepted may never be seen.
            assertThat(it.loop.call(() -> it.service.forwarded + it.service.dropped()))
                    .isBetween(clients - 60, clients);
            assertThat(it.forwarded()).isGreaterThan(clients / 2);
        }
    }

    @Test
    void roomThatShrinksTakesNobodyInUntilEnoughHaveLeft() {
        StreamPool.Room room = new StreamPool.Room(0);
        assertThat(room.enter()).isFalse();
        room.set(2);
        assertThat(room.enter()).isTrue();
        assertThat(room.enter()).isTrue();
        assertThat(room.enter()).isFalse();
        room.set(1);
        room.leave();
        assertThat(room.enter()).as("one is in, and there is room for one").isFalse();
        room.leave();
        assertThat(room.enter()).isTrue();
    }

    /** What relaying, refusing and resetting need is loaded: the JVM opens files for its classes. */
    private static void loadClasses(RelayUnderTest it) throws Exception {
        try (Socket client = new Socket(it.address().getAddress(), it.port);
                Socket server = it.listenerOf(0).accept()) {
            client.getOutputStream().write(1);
            assertThat(server.getInputStream().read()).isEqualTo(1);
            RelayUnderTest.reset(client);
            StreamRelayTest.assertReset(server);
        }
        it.until("it has ended", () -> it.relay.live() == 0);
    }

    private static boolean isReset(Socket client) {
        try {
            return client.getInputStream().read() == Integer.MIN_VALUE;
        } catch (IOException reset) {
            return requireNonNull(reset.getMessage()).contains("reset");
        }
    }

    /** Descriptors that the process may not open, for a time: the limit is lowered, and what it leaves is taken. */
    private static final class Scarcity implements Closeable {
        private static final int LEFT = 64;

        private final int limitBefore = Libc.openFileLimit();
        private final List<Integer> taken = new ArrayList<>();

        Scarcity() {
            limit(PlaneRig.openFiles() + LEFT);
            while (true) {
                int fd = Sockets.socket(SocketAddress.AF_INET, Sockets.SOCK_DGRAM, 0);
                if (fd == -Errno.EMFILE) return;
                assertThat(fd).isPositive();
                taken.add(fd);
            }
        }

        private static void limit(long soft) {
            Command.run(
                    "prlimit", "--pid", Long.toString(ProcessHandle.current().pid()), "--nofile=" + soft + ":");
        }

        @Override
        public void close() {
            for (int fd : taken) Libc.close(fd);
            limit(limitBefore);
        }
    }
}
