package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Refused;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How the descriptors that the process may open are split among what a table wants: pure, any thread. docs/descriptors.md
 * explains it to operators.
 *
 * <p>First comes what nothing works without: {@code fixed}, the sockets of workers and services, and {@code spare}, for
 * the rest of the process. What is left goes to back ports, connections and sockets that bear clients' addresses, each as
 * many as it wants if that is possible, else in equal parts, of which nobody gets more than it wants. What then is left
 * goes to more connections.
 *
 * @param limit RLIMIT_NOFILE
 * @param spare for the JVM, probes, the control socket and whatever else the process opens
 * @param fixed for workers and services
 * @param replyPorts back ports, one descriptor each
 * @param connections TCP connections, {@link StreamPool#FDS_PER_CONNECTION} each
 * @param senders sockets that bear clients' addresses, one each
 */
record DescriptorBudget(int limit, int spare, long fixed, Share replyPorts, Share connections, Share senders) {

    /** At most this many stay spare. */
    static final int MOST_SPARE = 1_024;

    /** Never fewer: the JVM and its archives hold some twenty, and loading a class or answering a question takes more. */
    static final int FEWEST_SPARE = 40;

    /** A quarter of a limit between those bounds. */
    private static final int SPARE_PART = 4;

    /** With room for fewer connections than this, TCP services are short of it; with more descriptors they have more. */
    static final int USUAL_CONNECTIONS = 1_024;

    /** An epoll, an eventfd, and the descriptor in reserve. */
    static final int PER_WORKER = 3;

    /** To each worker: the socket that clients send to, and the one-way socket towards realservers. */
    static final int PER_UDP_SERVICE = 2;

    /** To each worker: the listener. */
    static final int PER_TCP_SERVICE = 1;

    /** Of what is wanted, what is granted: in things, not in descriptors. */
    record Share(int wanted, int granted) {}

    /**
     * What a table wants.
     *
     * @param fixed descriptors without which it is refused
     * @param replyPorts back ports; 0 when no service expects replies
     * @param connections 0 when there is no TCP service, else {@link #USUAL_CONNECTIONS}
     * @param senders 0 when no service is transparent
     */
    record Demand(long fixed, int replyPorts, int connections, int senders) {

        /** @param mostPorts back ports that the machine's port range allows */
        static Demand of(ForwardingTable table, int workers, int mostPorts) {
            long fixed = (long) workers * PER_WORKER;
            boolean replies = false;
            boolean streams = false;
            boolean transparent = false;
            for (ForwardedService service : table.services()) {
                boolean tcp = service.key().protocol() == Protocol.TCP;
                fixed += ofService(service, workers);
                streams |= tcp;
                replies |= !tcp && service.responses() != 0;
                transparent |= service.transparent();
            }
            return new Demand(
                    fixed,
                    replies ? Math.min(table.replyPorts(), mostPorts) : 0,
                    streams ? USUAL_CONNECTIONS : 0,
                    transparent ? workers * TransparentSockets.MAX_SOCKETS : 0);
        }

        static long ofService(ForwardedService service, int workers) {
            return (long) workers
                    * switch (service.key().protocol()) {
                        case UDP -> PER_UDP_SERVICE;
                        case TCP -> PER_TCP_SERVICE;
                    };
        }
    }

    static DescriptorBudget split(int limit, Demand demand) {
        int spare = spare(limit);
        long left = Math.max(0, limit - spare - demand.fixed);
        long[] wanted = {demand.replyPorts, (long) demand.connections * StreamPool.FDS_PER_CONNECTION, demand.senders};
        long[] granted = evenly(left, wanted);
        for (long each : granted) left -= each;
        long connections = (granted[1] + (demand.connections > 0 ? left : 0)) / StreamPool.FDS_PER_CONNECTION;
        return new DescriptorBudget(
                limit,
                spare,
                demand.fixed,
                new Share(demand.replyPorts, (int) granted[0]),
                new Share(demand.connections, (int) Math.min(connections, StreamPool.MAX_CONNECTIONS)),
                new Share(demand.senders, (int) granted[2]));
    }

    private static int spare(int limit) {
        return Math.clamp(limit / SPARE_PART, FEWEST_SPARE, MOST_SPARE);
    }

    /** To each what it wants, or an equal part of what those who want less have left. */
    private static long[] evenly(long all, long[] wanted) {
        long[] ascending = wanted.clone();
        Arrays.sort(ascending);
        long left = all;
        long part = 0;
        for (int i = 0; i < ascending.length; i++) {
            part = Math.min(ascending[i], left / (ascending.length - i));
            left -= part;
            if (part < ascending[i]) break; // this and all who want more get this much
        }
        long most = part;
        return Arrays.stream(wanted).map(each -> Math.min(each, most)).toArray();
    }

    /** Why {@code fixed} descriptors cannot be had under {@code limit}; empty if they can. */
    static Optional<Refused> shortOf(int limit, long fixed) {
        long needed = FEWEST_SPARE + fixed;
        if (needed <= limit) return Optional.empty();
        return Optional.of(new Refused(
                "the limit of open files is " + limit + ", and " + needed + " are needed at least", remedy(needed)));
    }

    /** One sentence for each share that is smaller than what is wanted, for a person. */
    List<String> shortages() {
        List<String> said = new ArrayList<>();
        lacking(said, replyPorts, "back ports for replies (reply_ports)");
        lacking(said, connections, "TCP connections");
        lacking(said, senders, "sockets that bear clients' addresses (transparent)");
        return List.copyOf(said);
    }

    private void lacking(List<String> said, Share share, String of) {
        if (share.granted >= share.wanted) return;
        said.add("room for " + share.granted + " " + of + " where " + share.wanted
                + " are wanted: the limit of open files is " + limit + " (" + remedy(enough()) + ")");
    }

    /** The smallest limit under which everything wanted is granted. */
    private long enough() {
        long wanted =
                fixed + replyPorts.wanted + (long) connections.wanted * StreamPool.FDS_PER_CONNECTION + senders.wanted;
        return wanted + Math.clamp((wanted - 1) / (SPARE_PART - 1), FEWEST_SPARE, MOST_SPARE);
    }

    private static String remedy(long atLeast) {
        return "raise it to " + atLeast + " or more: ulimit -n, or LimitNOFILE= in the unit";
    }
}
