package io.evenkeel.traffic;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Joins both ends of a run: what was sent, which server has it, what nobody has, what is there twice. It believes sequence
 * numbers only, never a counter of the director. Any thread.
 */
public final class Audit {
    private final SendRecord sent;
    private final Map<String, ServerRecord> servers;
    private final SequenceSet anywhere = new SequenceSet();
    private final long onSeveralServers;

    /** @param servers by name, in the order reports should have */
    public Audit(SendRecord sent, Map<String, ServerRecord> servers) {
        this.sent = sent;
        this.servers = new LinkedHashMap<>(servers);
        long twice = 0;
        for (ServerRecord server : servers.values())
            twice += anywhere.addAll(of(server).seen());
        this.onSeveralServers = twice;
    }

    /** Different sequence numbers by server. */
    public Map<String, Long> split() {
        return split(0, sent.sent());
    }

    /** Different sequence numbers in {@code from <= n < to}, by server. */
    public Map<String, Long> split(long from, long to) {
        Map<String, Long> split = new LinkedHashMap<>();
        servers.forEach((name, server) -> split.put(name, of(server).seen().count(from, to)));
        return split;
    }

    /** Datagrams that no server received. */
    public long lost() {
        return sent.sent() - anywhere.count(0, sent.sent());
    }

    /** Datagrams in {@code from <= n < to} that no server received. */
    public long lost(long from, long to) {
        return to - from - anywhere.count(from, to);
    }

    /** The last datagram that no server received, by sequence number; -1 if there is none. */
    public long lastLost() {
        long n = sent.sent() - 1L;
        while (n >= 0 && anywhere.contains(n)) n--;
        return n;
    }

    /** Datagrams received more than once, on one server or on several. */
    public long duplicates() {
        long duplicates = onSeveralServers;
        for (ServerRecord server : servers.values()) duplicates += of(server).duplicates();
        return duplicates;
    }

    /** Times a server saw a client's numbers not rise. */
    public long orderBreaks() {
        return sum(servers.values(), record -> of(record).orderBreaks());
    }

    /** Datagrams that were merged, split, truncated or altered on the way. */
    public long damaged() {
        return sum(servers.values(), ServerRecord::damaged) + sent.damagedReplies();
    }

    /** Datagrams too short for a number that are missing; negative if there are too many. */
    public long lostShorts() {
        return sent.shorts() - sum(servers.values(), ServerRecord::shorts);
    }

    /** Bytes of such datagrams that are missing. */
    public long lostShortBytes() {
        return sent.shortBytes() - sum(servers.values(), ServerRecord::shortBytes);
    }

    /** Requests without any reply; 0 for a one-way run. */
    public long unanswered() {
        return sent.plan().repliesPerRequest() == 0 ? 0 : sent.sent() - sent.answered();
    }

    /** What a kernel dropped before a sender or server of ours could read it. Above 0 the measurement is void. */
    public long overflow() {
        return sent.kernelDrops() + sum(servers.values(), ServerRecord::kernelDrops);
    }

    private ServerRecord.Run of(ServerRecord server) {
        return server.run(sent.plan().run());
    }

    private interface Figure {
        long of(ServerRecord record);
    }

    private static long sum(Collection<ServerRecord> records, Figure figure) {
        long sum = 0;
        for (ServerRecord record : records) sum += figure.of(record);
        return sum;
    }
}
