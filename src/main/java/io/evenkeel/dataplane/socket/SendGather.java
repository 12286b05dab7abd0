package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.linux.ControlMessages;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.MessageBatch;
import io.evenkeel.linux.SocketAddress;
import io.evenkeel.linux.Sockets;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * Sends what a batch has brought, through one socket at a time. Sending is the dear half of forwarding (2.7 µs a
 * datagram, receiving 0.55), so for each destination the runs of equal length leave as one scatter-gather message with
 * UDP_SEGMENT (udp(7)); the last of a run may be shorter. Datagrams for one destination leave in the order in which they
 * were added. Owned by one worker; allocates nothing once built.
 */
final class SendGather {
    private static final int MESSAGES = 64;

    /** UDP_MAX_SEGMENTS of kernels before 6.9. */
    static final int MAX_SEGMENTS = 64;

    /** Longest UDP payload over IPv4: what an aggregate may come to. */
    static final int MAX_BYTES = 65_507;

    /** A route that refused UDP_SEGMENT is tried again after this. */
    static final long SEGMENT_AGAIN_NANOS = 30_000_000_000L;

    /** Errors of earlier datagrams that one message may meet before it is given up. */
    private static final int MAX_PENDING = 16;

    /** How often one message waits a millisecond for room in the socket's buffer. */
    private static final int MAX_WAITS = 5;

    private static final int CONTROL_BYTES = 64; // UDP_SEGMENT 24, IPV6_PKTINFO 40

    private final MessageBatch batch;
    private final MessageBatch single; // one datagram of a message that could not leave whole
    private final Destination[] destinations = new Destination[MESSAGES];
    private final int[] datagrams = new int[MESSAGES];
    private final int[] segmentLength = new int[MESSAGES];
    private final int[] vectors = new int[MESSAGES];
    private final CounterPublisher paths;
    private final UnreachableEvidence evidence;
    private final int mostSegments;

    private int used;
    private long pass = 1;
    private int fd = -1;
    private @Nullable ForwardSocket errors;
    private long nowNanos;

    /** @param mostSegments {@link #MAX_SEGMENTS}, or 1 to send every datagram by itself */
    SendGather(Arena arena, CounterPublisher paths, UnreachableEvidence evidence, int mostSegments) {
        batch = new MessageBatch(arena, MESSAGES, 2 * MAX_SEGMENTS, CONTROL_BYTES);
        single = new MessageBatch(arena, 1, 2, CONTROL_BYTES);
        this.paths = paths;
        this.evidence = evidence;
        this.mostSegments = mostSegments;
    }

    /**
     * What follows leaves through {@code fd}.
     *
     * @param errors whose error queue tells about earlier datagrams, null if the socket has none
     */
    void begin(int fd, @Nullable ForwardSocket errors, long nowNanos) {
        this.fd = fd;
        this.errors = errors;
        this.nowNanos = nowNanos;
    }

    /** Adds one datagram; its bytes must stay where they are until {@link #end}. */
    void add(Destination to, long address, int length) {
        add(to, 0, 0, address, length);
    }

    /** Adds one datagram that leaves with a header of ours before it. */
    void add(Destination to, long header, int headerLength, long address, int length) {
        int whole = headerLength + length;
        if (to.pass == pass && to.messageOpen && joins(to, whole)) {
            int message = to.message;
            append(message, header, headerLength, address, length);
            datagrams[message]++;
            to.messageBytes += whole;
            to.messageOpen = whole == to.messageLength && datagrams[message] < mostSegments;
            return;
        }
        if (used == MESSAGES) flush();
        int message = used++;
        destinations[message] = to;
        datagrams[message] = 1;
        segmentLength[message] = whole;
        vectors[message] = 0;
        append(message, header, headerLength, address, length);
        to.pass = pass;
        to.message = message;
        to.messageLength = whole;
        to.messageBytes = whole;
        to.messageOpen = maySegment(to, whole);
    }

    private boolean joins(Destination to, int length) {
        return length > 0 && length <= to.messageLength && to.messageBytes + length <= MAX_BYTES;
    }

    private boolean maySegment(Destination to, int length) {
        if (length == 0 || length > to.largestSegment || mostSegments < 2) return false;
        if (to.segmentRefused && nowNanos - to.segmentAgainNanos >= 0) {
            to.routeMtu(RouteMtu.of(to));
            to.segmentRefused = false;
            return length <= to.largestSegment;
        }
        return !to.segmentRefused;
    }

    private void append(int message, long header, int headerLength, long address, int length) {
        if (headerLength > 0) batch.vector(message, vectors[message]++, header, headerLength);
        batch.vector(message, vectors[message]++, address, length);
    }

    /** Everything added since {@link #begin} has been sent, or counted as lost, when this returns. */
    void end() {
        flush();
    }

    private void flush() {
        for (int i = 0; i < used; i++) {
            batch.vectorCount(i, vectors[i]);
            address(batch, i, destinations[i], datagrams[i] > 1 ? segmentLength[i] : 0);
        }
        int next = 0;
        boolean stopped =
                false; // the call before ended at message `next`; its error shows only if it is the message's own
        while (next < used) {
            int sent = batch.send(fd, next, used - next, 0);
            if (sent < 0) {
                recover(next, -sent);
                sent = 1;
                stopped = false;
            } else {
                if (stopped || batch.repeated()) countPending(datagrams[next]);
                for (int i = next; i < next + sent; i++) account(i);
                stopped = next + sent < used;
            }
            next += sent;
        }
        used = 0;
        pass++;
    }

    private static void address(MessageBatch batch, int message, Destination to, int segmentLength) {
        long name = batch.nameOffset(message);
        batch.nameLength(message, SocketAddress.put(batch.names(), name, to.v6, to.high, to.low, to.port, to.scope));
        long control = batch.controlOffset(message);
        int length = 0;
        if (segmentLength > 0) length = ControlMessages.putSegmentSize(batch.controls(), control, segmentLength);
        if (to.sourceSet) {
            length += ControlMessages.putSource(batch.controls(), control + length, to.v6, to.sourceHigh, to.sourceLow);
        }
        batch.controlLength(message, length);
    }

    private void account(int message) {
        int count = datagrams[message];
        if (count > 1) {
            paths.count(PathCounter.GSO_SENDS, 1);
            paths.count(PathCounter.GSO_SEGMENTS, count);
        } else {
            paths.count(PathCounter.SINGLE_SENDS, 1);
        }
        destinations[message].sent(count);
    }

    /** Message {@code next} was refused: sends it after all, in parts if need be, or counts it as lost. */
    private void recover(int next, int errno) {
        int error = resend(batch, next, datagrams[next], errno);
        if (error == 0) {
            account(next);
        } else if (datagrams[next] > 1 && refusesSegments(error)) {
            giveUpSegments(destinations[next]);
            sendSingly(next);
        } else {
            destinations[next].lost(datagrams[next], reason(error));
        }
    }

    private static boolean refusesSegments(int errno) {
        return errno == Errno.EMSGSIZE || errno == Errno.EIO || errno == Errno.EINVAL;
    }

    private void giveUpSegments(Destination to) {
        if (!to.segmentRefused) paths.count(PathCounter.GSO_REFUSED, 1);
        to.segmentRefused = true;
        to.segmentAgainNanos = nowNanos + SEGMENT_AGAIN_NANOS;
    }

    private void sendSingly(int message) {
        Destination to = destinations[message];
        int perDatagram = vectors[message] / datagrams[message];
        address(single, 0, to, 0);
        single.vectorCount(0, perDatagram);
        for (int i = 0; i < datagrams[message]; i++) {
            for (int v = 0; v < perDatagram; v++) {
                int from = i * perDatagram + v;
                single.vector(0, v, batch.vectorAddress(message, from), batch.vectorLength(message, from));
            }
            int sent = single.send(fd, 0, 1, 0);
            int error = sent > 0 ? 0 : resend(single, 0, 1, -sent);
            if (error == 0) {
                paths.count(PathCounter.SINGLE_SENDS, 1);
                to.sent(1);
            } else {
                to.lost(1, reason(error));
            }
        }
    }

    /**
     * Sends one message again for as long as the error was not its own: the error of an earlier datagram waits in the
     * socket and meets the next send, which is then to be repeated with the same turn (measured: 100 of 100).
     *
     * @return 0 when it has left, else the errno that is its own
     */
    private int resend(MessageBatch from, int message, int count, int firstErrno) {
        int errno = firstErrno;
        int pending = 0;
        int waits = 0;
        while (true) {
            if (errno == Errno.EAGAIN || errno == Errno.ENOBUFS) {
                if (waits++ == MAX_WAITS) return errno;
                int ready = Sockets.poll(fd, Sockets.POLLOUT, 1);
                assert ready >= -Errno.EINTR : ready;
            } else if (errno != Errno.EINTR) {
                int explained = errors == null ? 0 : evidence.drain(errors, nowNanos);
                boolean earlier = explained > 0 || (errors != null && errno == Errno.ECONNREFUSED);
                if (!earlier || pending++ == MAX_PENDING) return errno;
                countPending(count);
            }
            int sent = from.send(fd, message, 1, 0);
            if (sent > 0) return 0;
            errno = -sent;
        }
    }

    private void countPending(int count) {
        paths.count(PathCounter.PENDING_ERRORS, 1);
        paths.count(PathCounter.RESENT, count);
    }

    private static DropReason reason(int errno) {
        return switch (errno) {
            case Errno.EAGAIN, Errno.ENOBUFS -> DropReason.TX_QUEUE_FULL;
            case Errno.EMSGSIZE -> DropReason.TOO_BIG;
            case Errno.ENETUNREACH, Errno.EHOSTUNREACH, Errno.ENETDOWN, Errno.EHOSTDOWN, Errno.EADDRNOTAVAIL ->
                DropReason.NO_ROUTE;
            default -> DropReason.TX_FAILED;
        };
    }
}
