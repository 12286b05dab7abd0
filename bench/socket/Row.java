import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One row of the bench: a kind of traffic, who is measured with it, and what the first target is.
 *
 * @param name what {@code --row} takes
 * @param generator the sending tool and its options, without addresses and time
 * @param sink the receiving tool and its options, without addresses
 * @param balancers measured in this order within a round, which later rounds rotate; the first peer is what others are
 *     compared with in the table
 */
record Row(
        String name,
        String title,
        Unit unit,
        Balancer.Service service,
        List<String> generator,
        List<String> sink,
        List<Balancer> balancers,
        List<Target> targets) {

    /** What a row counts. */
    enum Unit {
        DATAGRAMS("datagrams/s", "CPU s per million datagrams", 1e6),
        QUERIES("answered queries/s", "CPU s per million queries", 1e6),
        CONNECTIONS("connections/s", "CPU s per million connections", 1e6),
        GIGABITS("Gbit/s", "CPU s per 1,000 GB", 1e12),
        LATENCY_ONE_WAY("datagrams/s", "CPU s per million datagrams", 1e6),
        LATENCY_TWO_WAY("answered queries/s", "CPU s per million queries", 1e6);

        final String rate;
        final String cost;
        /** How many of what is counted (for GIGABITS bytes) the cost is given for. */
        final double costPer;

        Unit(String rate, String cost, double costPer) {
            this.rate = rate;
            this.cost = cost;
            this.costPer = costPer;
        }

        boolean isLatency() {
            return this == LATENCY_ONE_WAY || this == LATENCY_TWO_WAY;
        }

        /** Whether each unit of work takes one turn of the scheduler; bytes do not. */
        boolean isPerTurn() {
            return this != GIGABITS;
        }

        /** Whether the next unit of work waits for an earlier one, so that nothing is lost and all share the pace. */
        boolean isClosedLoop() {
            return this == QUERIES || this == CONNECTIONS || this == GIGABITS;
        }
    }

    enum Figure {
        RATE,
        CPU
    }

    /**
     * A first target: Evenkeel's figure against a peer's. It is printed beside what was measured and never asserted.
     *
     * @param factor Evenkeel's rate over the peer's, or the peer's CPU cost over Evenkeel's: at least this
     */
    record Target(Figure figure, Balancer peer, double factor) {}

    /** The peer that others are compared with in the table. */
    Balancer base() {
        return balancers.stream()
                .filter(balancer -> balancer instanceof Balancer.Nginx)
                .findFirst()
                .orElseThrow();
    }

    static List<Row> all() {
        return Stream.of(oneWay(), twoWay(), tcp(), latency())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Row> oneWay() {
        List<Balancer> peers = List.of(
                Balancer.NONE,
                Balancer.EVENKEEL,
                Balancer.NGINX_PER_DATAGRAM,
                Balancer.NGINX_PER_FLOW,
                Balancer.PLAIN_C);
        return List.of(
                oneWay(
                        "one-way-equal",
                        "One-way, 64 bytes each, 8 client sockets",
                        List.of("udp-send", "--clients", "8", "--length", "64"),
                        List.of("udp-sink"),
                        peers,
                        List.of(
                                new Target(Figure.RATE, Balancer.NGINX_PER_DATAGRAM, 7),
                                new Target(Figure.CPU, Balancer.NGINX_PER_DATAGRAM, 7),
                                new Target(Figure.RATE, Balancer.PLAIN_C, 1.5))),
                oneWay(
                        "one-way-random",
                        "One-way, 64 to 1,400 bytes at random, 8 client sockets",
                        List.of("udp-send", "--clients", "8", "--lengths", "64-1400"),
                        List.of("udp-sink"),
                        peers,
                        List.of(
                                new Target(Figure.RATE, Balancer.NGINX_PER_DATAGRAM, 4.5),
                                new Target(Figure.RATE, Balancer.PLAIN_C, 0.95))),
                oneWay(
                        "one-way-aggregates",
                        "One-way, aggregates of 32 datagrams of 64 bytes, 8 client sockets, realservers with UDP_GRO",
                        List.of("udp-send", "--clients", "8", "--length", "64", "--aggregate", "32", "--batch", "4"),
                        List.of("udp-sink", "--gro"),
                        peers,
                        List.of(new Target(Figure.RATE, Balancer.NGINX_PER_DATAGRAM, 35))));
    }

    private static Row oneWay(
            String name,
            String title,
            List<String> generator,
            List<String> sink,
            List<Balancer> balancers,
            List<Target> targets) {
        return new Row(name, title, Unit.DATAGRAMS, Balancer.Service.ONE_WAY, generator, sink, balancers, targets);
    }

    private static List<Row> twoWay() {
        List<Balancer> all =
                List.of(Balancer.NONE, Balancer.EVENKEEL, Balancer.NGINX_PER_DATAGRAM, Balancer.NGINX_PER_FLOW);
        // A session that waits out its time for every query runs nginx out of ports within a second.
        List<Balancer> withoutFlows = List.of(Balancer.NONE, Balancer.EVENKEEL, Balancer.NGINX_PER_DATAGRAM);
        return List.of(
                twoWay("two-way-1", "Two-way, one client socket", all, "--clients", "1"),
                twoWay("two-way-10000", "Two-way, 10,000 client sockets in turn", all, "--clients", "10000"),
                twoWay("two-way-new-ports", "Two-way, a new client port for every query", withoutFlows, "--new-ports"));
    }

    private static Row twoWay(String name, String title, List<Balancer> balancers, String... clients) {
        List<String> generator = new ArrayList<>(List.of("udp-ask", "--window", "256", "--length", "64"));
        generator.addAll(List.of(clients));
        return new Row(
                name,
                title + ", 64 bytes each way, 256 unanswered",
                Unit.QUERIES,
                Balancer.Service.TWO_WAY,
                generator,
                List.of("udp-sink", "--echo"),
                balancers,
                List.of(new Target(Figure.RATE, Balancer.NGINX_PER_DATAGRAM, 4)));
    }

    private static List<Row> tcp() {
        List<Balancer> balancers = List.of(Balancer.NONE, Balancer.EVENKEEL, Balancer.NGINX);
        List<Target> targets = List.of(new Target(Figure.RATE, Balancer.NGINX, 0.9));
        return List.of(
                new Row(
                        "tcp-bytes",
                        "TCP, 12 connections one way",
                        Unit.GIGABITS,
                        Balancer.Service.TCP,
                        List.of("tcp-push", "--connections", "12"),
                        List.of("tcp-sink"),
                        balancers,
                        targets),
                new Row(
                        "tcp-connections",
                        "TCP, connect, 64 bytes each way, close; 64 at a time",
                        Unit.CONNECTIONS,
                        Balancer.Service.TCP,
                        List.of("tcp-ask", "--window", "64"),
                        List.of("tcp-sink", "--echo"),
                        balancers,
                        targets));
    }

    private static List<Row> latency() {
        return List.of(
                new Row(
                        "latency-one-way",
                        "Latency at 10,000 datagrams a second, one-way",
                        Unit.LATENCY_ONE_WAY,
                        Balancer.Service.ONE_WAY,
                        List.of("udp-send", "--clients", "8", "--length", "64", "--rate", "10000"),
                        List.of("udp-sink", "--latency"),
                        List.of(Balancer.NONE, Balancer.EVENKEEL, Balancer.NGINX_PER_DATAGRAM, Balancer.PLAIN_C),
                        List.of()),
                new Row(
                        "latency-two-way",
                        "Latency at 10,000 queries a second, there and back, 8 client sockets",
                        Unit.LATENCY_TWO_WAY,
                        Balancer.Service.TWO_WAY,
                        List.of("udp-ask", "--clients", "8", "--length", "64", "--rate", "10000", "--latency"),
                        List.of("udp-sink", "--echo"),
                        List.of(Balancer.NONE, Balancer.EVENKEEL, Balancer.NGINX_PER_DATAGRAM),
                        List.of()));
    }
}
