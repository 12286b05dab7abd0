import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** One balancer under one row's traffic, once: everything started afresh, warmed up, measured, stopped. */
final class Trial {
    /** Longer than any queue on the way takes to empty. */
    private static final long SETTLE_MILLIS = 300;

    private final Site site;
    private final Row row;
    private final Balancer balancer;
    private final Path work;

    Trial(Site site, Row row, Balancer balancer, Path work) {
        this.site = site;
        this.row = row;
        this.balancer = balancer;
        this.work = work;
    }

    Measurement run(int warmSeconds, int seconds) throws IOException, InterruptedException {
        if (Proc.isBound(row.service().protocol(), Site.VIP)) {
            throw new IOException(Site.vip() + "/" + row.service().protocol() + " is in use by another program");
        }
        Files.createDirectories(work);
        try (Children.Child sink = startSink();
                Running running = balancer.start(site, row.service(), work)) {
            generate(running, warmSeconds);
            Thread.sleep(SETTLE_MILLIS);
            return measure(sink, running, seconds);
        }
    }

    private Measurement measure(Children.Child sink, Running running, int seconds)
            throws IOException, InterruptedException {
        Optional<Running.Account> accountBefore = running.ledger().read();
        sink.report();
        long dropsBefore = Proc.queueDrops(Site.VIP);
        double cpuBefore = running.cpuSeconds();
        double busyBefore = Proc.busySeconds();
        double oursBefore = Proc.cpuSeconds(ProcessHandle.current());
        long start = System.nanoTime();

        Json.Document sent = generate(running, seconds);
        Json.Document meanwhile = sink.report();
        Thread.sleep(SETTLE_MILLIS);

        double elapsed = (System.nanoTime() - start) / 1e9;
        double foreign = Proc.busySeconds() - busyBefore - (Proc.cpuSeconds(ProcessHandle.current()) - oursBefore);
        double cpu = running.cpuSeconds() - cpuBefore;
        long queueDrops = Proc.queueDrops(Site.VIP) - dropsBefore;
        Json.Document late = sink.report();
        Optional<Running.Account> accountAfter = running.ledger().read();

        Work done = work(sent, meanwhile, late);
        if (done.amount == 0) {
            throw new IOException("nothing came through");
        }
        long[] split = accountAfter
                .map(after -> after.forwardedSince(accountBefore.orElseThrow()))
                .orElseGet(() -> sum(meanwhile.integers("ports"), late.integers("ports")));
        return new Measurement(
                done.rate,
                cpu / done.amount * row.unit().costPer,
                done.offered,
                done.amount,
                split,
                queueDrops,
                row.service() == Balancer.Service.TCP ? 0 : meanwhile.integer("dropped") + late.integer("dropped"),
                accountAfter.map(Running.Account::imbalance),
                accountAfter.isEmpty()
                        || !row.unit().isPerTurn()
                        || LongStream.of(split).sum() >= done.amount,
                done.p50Micros,
                done.p99Micros,
                Math.max(0, foreign) / elapsed / Runtime.getRuntime().availableProcessors());
    }

    private static long[] sum(long[] some, long[] more) {
        long[] all = some.clone();
        for (int i = 0; i < all.length; i++) {
            all[i] += more[i];
        }
        return all;
    }

    /** What a run did: its rate, what was offered and what came through, and latencies where they were taken. */
    private record Work(double rate, double offered, double amount, double p50Micros, double p99Micros) {}

    /**
     * The rate is taken while the generator sends. What queues give out afterwards, with the machine to themselves,
     * counts for the amount, as the CPU it takes does.
     */
    private Work work(Json.Document sent, Json.Document meanwhile, Json.Document late) {
        return switch (row.unit()) {
            case DATAGRAMS, LATENCY_ONE_WAY ->
                new Work(
                        meanwhile.number("datagrams") / meanwhile.number("seconds"),
                        sent.number("sent"),
                        meanwhile.number("datagrams") + late.number("datagrams"),
                        meanwhile.number("p50_us"),
                        meanwhile.number("p99_us"));
            case QUERIES, LATENCY_TWO_WAY ->
                new Work(
                        sent.number("answered") / sent.number("seconds"),
                        sent.number("sent"),
                        sent.number("answered_in_all"),
                        sent.number("p50_us"),
                        sent.number("p99_us"));
            case CONNECTIONS ->
                new Work(
                        sent.number("completed") / sent.number("seconds"),
                        sent.number("completed") + sent.number("failed"),
                        sent.number("completed"),
                        0,
                        0);
            case GIGABITS ->
                new Work(
                        meanwhile.number("bytes") * 8 / 1e9 / meanwhile.number("seconds"),
                        sent.number("bytes"),
                        meanwhile.number("bytes") + late.number("bytes"),
                        0,
                        0);
        };
    }

    private Children.Child startSink() throws IOException {
        List<String> command = new ArrayList<>(row.sink());
        command.set(0, site.tool(command.getFirst()).toString());
        command.addAll(List.of("--listen", Site.realservers()));
        Children.Child sink = site.children().startTool(command, work.resolve("sink.log"));
        sink.answer();
        return sink;
    }

    private Json.Document generate(Running running, int seconds) throws IOException {
        List<String> command = new ArrayList<>(row.generator());
        command.set(0, site.tool(command.getFirst()).toString());
        command.addAll(List.of("--to", running.entry(), "--from", Site.CLIENTS, "--seconds", String.valueOf(seconds)));
        try (Children.Child generator = site.children().startTool(command, work.resolve("generator.log"))) {
            return generator.answer();
        }
    }

    /**
     * What one trial found.
     *
     * @param rate in the row's unit
     * @param cost CPU seconds of the balancer for the row's amount of work
     * @param offered what the generator sent, in datagrams, queries, connections or bytes
     * @param amount what came through, in the same
     * @param split per realserver: by the balancer's account where it keeps one, else as the sink saw it
     * @param queueDrops datagrams lost at the balancer's receive queue
     * @param sinkDrops datagrams (or aggregates) lost at the sink: then the sink was the limit
     * @param nothingForgotten whether the balancer's account, if it keeps one, holds at least what came through
     * @param foreignShare of all processors' time, what neither the bench nor its balancer used: other programs, and
     *     kernel threads that finish what a balancer left to them
     */
    record Measurement(
            double rate,
            double cost,
            double offered,
            double amount,
            long[] split,
            long queueDrops,
            long sinkDrops,
            Optional<Long> imbalance,
            boolean nothingForgotten,
            double p50Micros,
            double p99Micros,
            double foreignShare) {

        private static final double HARDLY_ANY = 0.001;

        boolean splitIsExact() {
            return LongStream.of(split).max().orElse(0)
                            - LongStream.of(split).min().orElse(0)
                    <= 1;
        }

        /** The farthest any realserver is from its equal share, as a part of that share. */
        double splitError() {
            double share = LongStream.of(split).sum() / (double) split.length;
            return LongStream.of(split)
                    .mapToDouble(count -> Math.abs(count - share) / share)
                    .max()
                    .orElse(0);
        }

        boolean sinkWasTheLimit() {
            return sinkDrops > HARDLY_ANY * amount;
        }

        /** How much of what was offered came through: 1 is all. */
        double delivered() {
            return amount / offered;
        }
    }
}
