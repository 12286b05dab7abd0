package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.linux.ControlMessages;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import io.evenkeel.model.Endpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Stream;

/** Reaches the sockets of a plane in this process by their descriptors, to put them into a state that is rare. */
final class LoopbackFiles {
    private LoopbackFiles() {}

    /** Front sockets of the VIP get the smallest receive buffer. */
    static void shrinkReceiveBuffers(Endpoint vip) {
        int found = forEachDatagramSocket(
                (fd, port) -> port == vip.port(),
                fd -> assertThat(Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_RCVBUF, 1))
                        .isZero());
        assertThat(found).isPositive();
    }

    /** Every socket that listens for errors, thus those towards realservers, stops sending checksums. */
    static void forbidSegments() {
        int found = forEachDatagramSocket(
                (fd, port) -> Sockets.intOption(fd, Sockets.SOL_IP, Sockets.IP_RECVERR) == 1,
                fd -> assertThat(Sockets.setOption(fd, Sockets.SOL_SOCKET, Sockets.SO_NO_CHECK, 1))
                        .isZero());
        assertThat(found).isPositive();
    }

    /** Front sockets of the VIP attach so much to each message that our room for it is too small (MSG_CTRUNC). */
    static void crowdControlData(Endpoint vip) {
        int found = forEachDatagramSocket((fd, port) -> port == vip.port(), LoopbackFiles::attachMuch);
        assertThat(found).isPositive();
    }

    /** The same for every socket towards realservers. */
    static void crowdControlDataOfReplies() {
        int found = forEachDatagramSocket(
                (fd, port) -> Sockets.intOption(fd, Sockets.SOL_IP, Sockets.IP_RECVERR) == 1,
                LoopbackFiles::attachMuch);
        assertThat(found).isPositive();
    }

    /** With their headers 32 + 32 + 24 + 24 + 32 bytes, in this order. */
    private static void attachMuch(int fd) {
        assertThat(Sockets.setOption(fd, Sockets.SOL_SOCKET, SO_TIMESTAMPNS, 1)).isZero();
        for (int option : new int[] {Sockets.IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVORIGDSTADDR}) {
            assertThat(Sockets.setOption(fd, Sockets.SOL_IP, option, 1)).isZero();
        }
        assertThat(ControlMessages.RECEIVE_BYTES).isLessThan(32 + 32 + 24 + 24 + 32);
    }

    private interface Choice {
        boolean takes(int fd, int port);
    }

    private static int forEachDatagramSocket(Choice choice, IntConsumer action) {
        List<Integer> fds;
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            fds = files.map(file -> Integer.valueOf(file.getFileName().toString()))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        int found = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(128, 8);
            for (int fd : fds) {
                boolean datagram = Sockets.intOption(fd, Sockets.SOL_SOCKET, SO_TYPE) == Sockets.SOCK_DGRAM;
                if (!datagram || Sockets.getsockname(fd, name) < 0) continue;
                if (!choice.takes(fd, SocketAddress.port(name, 0))) continue;
                action.accept(fd);
                found++;
            }
        }
        return found;
    }

    private static final int SO_TYPE = 3;
    private static final int SO_TIMESTAMPNS = 35;
    private static final int IP_RECVTTL = 12;
    private static final int IP_RECVTOS = 13;
    private static final int IP_RECVORIGDSTADDR = 20;
}
