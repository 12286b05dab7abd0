package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The calls do on loopback what their pages say. */
class DatagramCallsTest {

    private static final long LOOPBACK = 0x7f000001L;

    private final Arena arena = Arena.ofConfined();
    private final MessageBatch batch = new MessageBatch(arena, 8, 64, ControlMessages.RECEIVE_BYTES);
    private final MemorySegment buffers = arena.allocate(8 * 65_536L);
    private final ControlMessages control = new ControlMessages();
    private long filesBefore;
    private int sender;
    private int receiver;
    private int port;

    @BeforeEach
    void open() throws IOException {
        filesBefore = openFiles();
        receiver = datagramSocket();
        assertThat(Sockets.bind(receiver, false, 0, LOOPBACK, 0)).isZero();
        port = Sockets.localPort(receiver);
        sender = datagramSocket();
    }

    @AfterEach
    void closeAll() throws IOException {
        Libc.close(sender);
        Libc.close(receiver);
        arena.close();
        assertThat(openFiles()).isEqualTo(filesBefore);
    }

    @Test
    void nothingToReceiveIsAResult() {
        aimReceive();
        assertThat(batch.receive(receiver, 8, 0)).isEqualTo(-Errno.EAGAIN);
    }

    @Test
    void oneSegmentedMessageArrivesAsOneAggregate() {
        assertThat(Sockets.setOption(receiver, Sockets.SOL_UDP, Sockets.UDP_GRO, 1))
                .isZero();
        for (int i = 0; i < 5; i++) {
            buffers.asSlice(i * 100L, 100).fill((byte) ('a' + i));
            batch.vector(0, i, buffers.address() + i * 100L, i == 4 ? 37 : 100);
        }
        batch.vectorCount(0, 5);
        batch.nameLength(0, SocketAddress.put(batch.names(), batch.nameOffset(0), false, 0, LOOPBACK, port, 0));
        batch.controlLength(0, ControlMessages.putSegmentSize(batch.controls(), batch.controlOffset(0), 100));
        assertThat(batch.send(sender, 0, 1, 0)).isEqualTo(1);
        buffers.fill((byte) 0);

        aimReceive();
        assertThat(batch.receive(receiver, 8, 0)).isEqualTo(1);
        assertThat(batch.length(0)).isEqualTo(437);
        assertThat(control.read(batch.controls(), batch.controlOffset(0), batch.controlLength(0)))
                .isTrue();
        assertThat(control.segmentSize()).isEqualTo(100);
        assertThat(buffers.get(JAVA_BYTE, 250)).isEqualTo((byte) 'c');
        assertThat(SocketAddress.low(batch.names(), batch.nameOffset(0))).isEqualTo(LOOPBACK);
        assertThat(SocketAddress.port(batch.names(), batch.nameOffset(0))).isEqualTo(Sockets.localPort(sender));
    }

    @Test
    void lengthsAreWholeAgainAtEveryReceive() {
        for (int round = 0; round < 3; round++) {
            sendOne(LOOPBACK, port, 10 + round);
            aimReceive();
            assertThat(batch.receive(receiver, 8, 0)).isEqualTo(1);
            assertThat(batch.length(0)).isEqualTo(10 + round);
            assertThat(SocketAddress.low(batch.names(), batch.nameOffset(0))).isEqualTo(LOOPBACK);
        }
    }

    @Test
    void aMessageLongerThanItsBufferSaysSo() {
        sendOne(LOOPBACK, port, 500);
        batch.vector(0, 0, buffers.address(), 100);
        batch.vectorCount(0, 1);
        assertThat(batch.receive(receiver, 1, 0)).isEqualTo(1);
        assertThat(batch.flags(0) & Sockets.MSG_TRUNC).isEqualTo(Sockets.MSG_TRUNC);
    }

    @Test
    void aClosedPortIsQuotedInTheErrorQueue() {
        int closed = datagramSocket();
        assertThat(Sockets.bind(closed, false, 0, LOOPBACK, 0)).isZero();
        int closedPort = Sockets.localPort(closed);
        Libc.close(closed);
        assertThat(Sockets.setOption(sender, Sockets.SOL_IP, Sockets.IP_RECVERR, 1))
                .isZero();
        sendOne(LOOPBACK, closedPort, 10);

        aimReceive();
        assertThat(batch.receive(sender, 8, Sockets.MSG_ERRQUEUE)).isEqualTo(1);
        assertThat(control.read(batch.controls(), batch.controlOffset(0), batch.controlLength(0)))
                .isTrue();
        assertThat(control.errorSeen()).isTrue();
        assertThat(control.errorErrno()).isEqualTo(Errno.ECONNREFUSED);
        assertThat(control.errorOrigin()).isEqualTo(ControlMessages.ORIGIN_ICMP);
        assertThat(control.errorType()).isEqualTo(3);
        assertThat(control.errorCode()).isEqualTo(3);
        assertThat(control.offenderSeen()).isTrue();
        assertThat(control.offenderLow()).isEqualTo(LOOPBACK);
        assertThat(SocketAddress.port(batch.names(), batch.nameOffset(0))).isEqualTo(closedPort);
    }

    @Test
    void theAddressAskedIsToldAndCanBeAnsweredFrom() {
        assertThat(Sockets.setOption(receiver, Sockets.SOL_IP, Sockets.IP_PKTINFO, 1))
                .isZero();
        sendOne(LOOPBACK, port, 4);
        aimReceive();
        assertThat(batch.receive(receiver, 8, 0)).isEqualTo(1);
        control.read(batch.controls(), batch.controlOffset(0), batch.controlLength(0));
        assertThat(control.localSeen()).isTrue();
        assertThat(control.localLow()).isEqualTo(LOOPBACK);

        batch.vector(0, 0, buffers.address(), 4);
        batch.vectorCount(0, 1);
        batch.nameLength(0, SocketAddress.put(batch.names(), batch.nameOffset(0), false, 0, LOOPBACK, port, 0));
        batch.controlLength(
                0, ControlMessages.putSource(batch.controls(), batch.controlOffset(0), false, 0, 0x7f000009L));
        assertThat(batch.send(sender, 0, 1, 0)).isEqualTo(1);
        aimReceive();
        assertThat(batch.receive(receiver, 8, 0)).isEqualTo(1);
        assertThat(SocketAddress.low(batch.names(), batch.nameOffset(0))).isEqualTo(0x7f000009L);
    }

    @Test
    void theKernelTellsHowManyItDropped() {
        assertThat(Sockets.setOption(receiver, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, 1))
                .isZero();
        assertThat(Sockets.setOption(receiver, Sockets.SOL_SOCKET, Sockets.SO_RXQ_OVFL, 1))
                .isZero();
        for (int i = 0; i < 100; i++) sendOne(LOOPBACK, port, 1000);
        int received = 0;
        aimReceive();
        for (int n = batch.receive(receiver, 8, 0); n > 0; n = batch.receive(receiver, 8, 0)) received += n;
        assertThat(received).isBetween(1, 50);
        assertThat(Sockets.drops(receiver)).isEqualTo(100 - received);
        sendOne(LOOPBACK, port, 1000);
        assertThat(batch.receive(receiver, 8, 0)).isEqualTo(1);
        control.read(batch.controls(), batch.controlOffset(0), batch.controlLength(0));
        assertThat(control.overflowSeen()).isTrue();
        assertThat(control.overflow()).isEqualTo(100 - received);
    }

    @Test
    void epollTellsWhichSocketAndWhy() {
        try (Epoll epoll = new Epoll(arena, 4);
                EventFd wake = new EventFd()) {
            assertThat(epoll.add(receiver, Epoll.IN, 0x1_0000_0007L)).isZero();
            assertThat(epoll.add(wake.fd(), Epoll.IN, -3L)).isZero();
            assertThat(epoll.await(0)).isZero();
            wake.signal();
            wake.signal();
            assertThat(epoll.await(1000)).isEqualTo(1);
            assertThat(epoll.token(0)).isEqualTo(-3L);
            assertThat(wake.drain()).isTrue();
            assertThat(wake.drain()).isFalse();
            sendOne(LOOPBACK, port, 1);
            assertThat(epoll.await(1000)).isEqualTo(1);
            assertThat(epoll.token(0)).isEqualTo(0x1_0000_0007L);
            assertThat(epoll.events(0)).isEqualTo(Epoll.IN);
        }
    }

    @Test
    void aRefusalNamesCallErrnoAndSubject() {
        int second = datagramSocket();
        int answer = Sockets.bind(second, false, 0, LOOPBACK, port);
        Libc.close(second);
        assertThat(answer).isEqualTo(-Errno.EADDRINUSE);
        assertThat(Libc.openFileLimit()).isPositive();
    }

    private int datagramSocket() {
        int type = Sockets.SOCK_DGRAM | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC;
        return Libc.require(Sockets.socket(SocketAddress.AF_INET, type, 0), "socket", "udp");
    }

    private void sendOne(long address, int toPort, int length) {
        batch.vector(0, 0, buffers.address(), length);
        batch.vectorCount(0, 1);
        batch.nameLength(0, SocketAddress.put(batch.names(), batch.nameOffset(0), false, 0, address, toPort, 0));
        batch.controlLength(0, 0);
        assertThat(batch.send(sender, 0, 1, 0)).isEqualTo(1);
    }

    private void aimReceive() {
        for (int i = 0; i < 8; i++) {
            batch.vector(i, 0, buffers.address() + i * 65_536L, 65_536);
            batch.vectorCount(i, 1);
        }
    }

    private static long openFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
