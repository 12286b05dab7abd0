import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Writes results as markdown, in the form that docs/performance.md holds. */
final class Report {
    /** Above this share of the machine used by others, figures are said to be disturbed. */
    private static final double DISTURBED = 0.1;

    private Report() {}

    static String targets(Collection<Results> all) {
        List<String> lines = header("row", "first target", "measured", "outcome");
        for (Results results : all) {
            for (Row.Target target : results.row().targets()) {
                Judgement judgement = Judgement.of(results, target);
                lines.add("| %s | %s | %s | %s |"
                        .formatted(
                                results.row().name(),
                                wording(target),
                                judgement
                                        .measured()
                                        .map(spread -> ratio(spread) + "×")
                                        .orElse("-"),
                                judgement.outcome()));
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static String wording(Row.Target target) {
        String factor = target.factor() == Math.rint(target.factor())
                ? "%.0f".formatted(target.factor())
                : String.valueOf(target.factor());
        return switch (target.figure()) {
            case RATE -> "rate ≥ %s× %s".formatted(factor, target.peer().title());
            case CPU -> "CPU ≤ 1/%s of %s".formatted(factor, target.peer().title());
        };
    }

    /** A table that so far has only its head. */
    private static List<String> header(String... columns) {
        List<String> lines = new ArrayList<>();
        lines.add("| " + String.join(" | ", columns) + " |");
        lines.add("|" + "---|".repeat(columns.length));
        return lines;
    }

    static String row(Results results) {
        Row row = results.row();
        StringBuilder text = new StringBuilder("### " + row.title() + "\n\n`" + row.name() + "`\n\n");
        text.append(row.unit().isLatency() ? latencyTable(results) : throughputTable(results));
        for (String trouble : results.troubles()) {
            text.append("\n* ").append(trouble).append('\n');
        }
        return text.append('\n').toString();
    }

    private static String throughputTable(Results results) {
        Row row = results.row();
        String base = row.base().title();
        List<String> lines = header(
                "balancer",
                row.unit().rate,
                row.unit().cost,
                "rate / " + base,
                "CPU of " + base + " / its own",
                "split",
                "of offered",
                "pace set by",
                "others' share");
        for (Balancer balancer : row.balancers()) {
            if (!results.has(balancer)) {
                continue;
            }
            boolean counts = balancer != Balancer.NONE;
            lines.add("| %s | %s | %s | %s | %s | %s | %s | %s | %s |"
                    .formatted(
                            balancer.title(),
                            figure(results, balancer, Trial.Measurement::rate),
                            counts ? figure(results, balancer, Trial.Measurement::cost) : "-",
                            counts ? comparison(results.rateRatio(balancer, row.base())) : "-",
                            counts ? comparison(results.thrift(balancer, row.base())) : "-",
                            counts ? split(results.of(balancer)) : "-",
                            percent(results, balancer, Trial.Measurement::delivered),
                            counts ? pace(results, balancer) : "-",
                            foreign(results, balancer)));
        }
        return String.join("\n", lines) + "\n";
    }

    private static String latencyTable(Results results) {
        Row row = results.row();
        List<String> lines = header(
                "balancer",
                "p50 µs",
                "p99 µs",
                "added p50 µs",
                "added p99 µs",
                row.unit().cost,
                "split",
                "of offered",
                "others' share");
        for (Balancer balancer : row.balancers()) {
            if (!results.has(balancer)) {
                continue;
            }
            boolean counts = balancer != Balancer.NONE;
            lines.add("| %s | %s | %s | %s | %s | %s | %s | %s | %s |"
                    .formatted(
                            balancer.title(),
                            figure(results, balancer, Trial.Measurement::p50Micros),
                            figure(results, balancer, Trial.Measurement::p99Micros),
                            counts ? added(results, balancer, Trial.Measurement::p50Micros) : "-",
                            counts ? added(results, balancer, Trial.Measurement::p99Micros) : "-",
                            counts ? figure(results, balancer, Trial.Measurement::cost) : "-",
                            counts ? split(results.of(balancer)) : "-",
                            percent(results, balancer, Trial.Measurement::delivered),
                            foreign(results, balancer)));
        }
        return String.join("\n", lines) + "\n";
    }

    /** Latency beyond that without a balancer in the same round. */
    private static String added(Results results, Balancer balancer, ToDoubleFunction<Trial.Measurement> figure) {
        return results.paired(balancer, Balancer.NONE, (a, b) -> figure.applyAsDouble(a) - figure.applyAsDouble(b))
                .map(Report::spread)
                .orElse("-");
    }

    private static String figure(Results results, Balancer balancer, ToDoubleFunction<Trial.Measurement> figure) {
        return results.spread(balancer, figure).map(Report::spread).orElse("-");
    }

    private static String percent(Results results, Balancer balancer, ToDoubleFunction<Trial.Measurement> figure) {
        return results.spread(balancer, figure)
                .map(spread -> "%.1f %%".formatted(100 * spread.median()))
                .orElse("-");
    }

    private static String split(Collection<Trial.Measurement> measurements) {
        boolean exact = measurements.stream().allMatch(Trial.Measurement::splitIsExact);
        boolean balanced = measurements.stream()
                .allMatch(measurement -> measurement.imbalance().orElse(0L) == 0);
        double worst = measurements.stream()
                .mapToDouble(Trial.Measurement::splitError)
                .max()
                .orElse(0);
        return (exact ? "exact" : "±%.2f %%".formatted(100 * worst)) + (balanced ? "" : ", **imbalance**");
    }

    private static String pace(Results results, Balancer balancer) {
        if (results.sinkWasTheLimit(balancer)) {
            return "sink";
        }
        return results.paceIsTheGenerators(balancer) ? "generator" : "balancer";
    }

    private static String foreign(Results results, Balancer balancer) {
        return results.spread(balancer, Trial.Measurement::foreignShare)
                .map(share -> "%.1f %%%s".formatted(100 * share.most(), share.most() > DISTURBED ? " (!)" : ""))
                .orElse("-");
    }

    private static String comparison(Optional<Results.Spread> spread) {
        return spread.map(Report::ratio).orElse("-");
    }

    /** Median and extremes of a ratio. */
    static String ratio(Results.Spread spread) {
        return spread.isOneValue()
                ? "%.2f".formatted(spread.median())
                : "%.2f (%.2f–%.2f)".formatted(spread.median(), spread.least(), spread.most());
    }

    private static String spread(Results.Spread spread) {
        if (spread.isOneValue()) {
            return plain(spread.median());
        }
        return "%s (%s–%s)".formatted(plain(spread.median()), plain(spread.least()), plain(spread.most()));
    }

    /** Three digits that mean something, no more. */
    private static String plain(double value) {
        double size = Math.abs(value);
        if (size >= 1000) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }
}
