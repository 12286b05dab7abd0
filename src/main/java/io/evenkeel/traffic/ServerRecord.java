package io.evenkeel.traffic;

import java.io.Serializable;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a server saw. Written by the server's thread only; other threads get copies.
 */
public final class ServerRecord implements Serializable {
    private static final long serialVersionUID = 1L;

    private final HashMap<Integer, Run> runs = new HashMap<>();
    long received;
    long bytes;
    long shorts;
    long shortBytes;
    long foreign;
    long damaged;
    long repliesSent;
    long repliesBlocked;
    long connections;
    long kernelDrops;

    ServerRecord() {}

    ServerRecord(ServerRecord other) {
        other.runs.forEach((number, run) -> runs.put(number, new Run(run)));
        received = other.received;
        bytes = other.bytes;
        shorts = other.shorts;
        shortBytes = other.shortBytes;
        foreign = other.foreign;
        damaged = other.damaged;
        repliesSent = other.repliesSent;
        repliesBlocked = other.repliesBlocked;
        connections = other.connections;
        kernelDrops = other.kernelDrops;
    }

    /** One sender's run, as it arrived here. An empty one if nothing of it did. */
    public Run run(int number) {
        Run run = runs.get(number);
        return run == null ? new Run() : run;
    }

    public Map<Integer, Run> runs() {
        return Map.copyOf(runs);
    }

    /** All datagrams, of whatever kind. */
    public long received() {
        return received;
    }

    public long bytes() {
        return bytes;
    }

    /** Datagrams too short for a header, and the sum of their lengths. */
    public long shorts() {
        return shorts;
    }

    public long shortBytes() {
        return shortBytes;
    }

    /** Datagrams that no sender of ours made. */
    public long foreign() {
        return foreign;
    }

    /** Datagrams of ours with a wrong length or checksum: merged, split, truncated or altered ones. */
    public long damaged() {
        return damaged;
    }

    public long repliesSent() {
        return repliesSent;
    }

    /** Replies given up because the socket's buffer stayed full. */
    public long repliesBlocked() {
        return repliesBlocked;
    }

    /** TCP connections accepted on the side port. */
    public long connections() {
        return connections;
    }

    /** Datagrams the kernel dropped because this server was too slow. Above 0 a measurement is void. */
    public long kernelDrops() {
        return kernelDrops;
    }

    Run runForWriting(int number) {
        return runs.computeIfAbsent(number, _ -> new Run());
    }

    /** One run. */
    public static final class Run implements Serializable {
        private static final long serialVersionUID = 1L;

        private final SequenceSet seen;
        private final HashMap<Integer, Client> clients = new HashMap<>();
        private long received;
        private long duplicates;
        private long orderBreaks;
        private long firstNanos;
        private long lastNanos;
        private long slowestNanos;

        Run() {
            this.seen = new SequenceSet();
        }

        Run(Run other) {
            this.seen = new SequenceSet(other.seen);
            other.clients.forEach((number, client) -> clients.put(number, new Client(client)));
            this.received = other.received;
            this.duplicates = other.duplicates;
            this.orderBreaks = other.orderBreaks;
            this.firstNanos = other.firstNanos;
            this.lastNanos = other.lastNanos;
            this.slowestNanos = other.slowestNanos;
        }

        public SequenceSet seen() {
            return seen;
        }

        public long received() {
            return received;
        }

        /** Datagrams whose sequence number had been received before. */
        public long duplicates() {
            return duplicates;
        }

        /** Times a client's sequence number was not above the one before it. */
        public long orderBreaks() {
            return orderBreaks;
        }

        /** System.nanoTime of the first arrival; meaningless while nothing was received. */
        public long firstNanos() {
            return firstNanos;
        }

        public long lastNanos() {
            return lastNanos;
        }

        /** The longest time from sending to arrival. */
        public long slowestNanos() {
            return slowestNanos;
        }

        /** Clients by number; those beyond {@link SocketUse#MAX_CLIENTS} are not told apart. */
        public Map<Integer, Client> clients() {
            return Map.copyOf(clients);
        }

        /** One client; an empty record if nothing of it arrived. */
        public Client client(int number) {
            Client client = clients.get(number);
            return client == null ? new Client() : client;
        }

        void note(int client, long sequence, long sentNanos, long nowNanos, InetSocketAddress source) {
            if (received++ == 0) firstNanos = nowNanos;
            lastNanos = nowNanos;
            slowestNanos = Math.max(slowestNanos, nowNanos - sentNanos);
            if (!seen.add(sequence)) duplicates++;
            if (client < 0 || client >= SocketUse.MAX_CLIENTS) return;
            Client known = clients.computeIfAbsent(client, _ -> new Client());
            if (known.received++ > 0 && sequence <= known.lastSequence) orderBreaks++;
            known.lastSequence = sequence;
            if (source.equals(known.source)) return;
            known.source = source;
            known.sources++;
        }
    }

    /** One client of a run. */
    public static final class Client implements Serializable {
        private static final long serialVersionUID = 1L;

        private long received;
        private long lastSequence;
        private @Nullable InetSocketAddress source;
        private long sources;

        Client() {}

        Client(Client other) {
            this.received = other.received;
            this.lastSequence = other.lastSequence;
            this.source = other.source;
            this.sources = other.sources;
        }

        public long received() {
            return received;
        }

        /** Where its last datagram came from, as the server saw it. */
        public @Nullable InetSocketAddress source() {
            return source;
        }

        /** How often the source changed, the first one included: 1 if it never did. */
        public long sources() {
            return sources;
        }
    }
}
