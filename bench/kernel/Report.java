package io.evenkeel.dataplane.kernel;

import io.evenkeel.dataplane.kernel.Measured.Round;
import io.evenkeel.dataplane.kernel.Measured.Spread;
import io.evenkeel.dataplane.kernel.Row.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The tables, in markdown. Pure. */
final class Report {
    private Report() {}

    static String table(List<Measured> all) {
        List<String> lines = new ArrayList<>(List.of(
                "| row | what | ns | × bare XDP_TX | first target | outcome | of the packets | Katran |",
                "|---|---|---|---|---|---|---|---|"));
        for (Measured measured : all) lines.add(line(measured, all));
        return String.join("\n", lines) + "\n";
    }

    private static String line(Measured measured, List<Measured> all) {
        Row row = measured.row;
        Optional<Double> limit = limit(measured, all);
        double figure = measured.median(Round::figure);
        String outcome = row.target() == null
                ? "-"
                : !measured.proved
                        ? "void"
                        : limit.isEmpty() ? "needs " + Rows.ONE_FLOW : figure <= limit.get() ? "met" : "not met";
        return "| `%s` | %s | %s | %s | %s | %s | %s | %s |"
                .formatted(
                        row.name(),
                        row.title(),
                        measured.proved ? ns(measured.spread(Round::cost)) : "void",
                        measured.proved ? times(measured.spread(Round::figure)) : "void",
                        limit.map("≤ %.2f"::formatted).orElse("-"),
                        outcome,
                        measured.proof,
                        row.katran().isEmpty() ? "-" : row.katran());
    }

    /** In bare XDP_TX; empty if the row has no target, or the row that it is made from was not measured. */
    private static Optional<Double> limit(Measured measured, List<Measured> all) {
        return switch (measured.row.target()) {
            case null -> Optional.empty();
            case Target.AtMost(double figure) -> Optional.of(figure);
            case Target.ReadAndHit(double reads, double more) ->
                all.stream()
                        .filter(other -> other.row.name().equals(Rows.ONE_FLOW) && other.proved)
                        .findFirst()
                        .map(hit -> hit.median(Round::figure))
                        .flatMap(hit ->
                                read(measured.row.clients().flows(), all).map(read -> reads * read + hit + more));
        };
    }

    /** A random read in a table of this many flows, in bare XDP_TX. */
    private static Optional<Double> read(int flows, List<Measured> all) {
        return all.stream()
                .filter(Report::saysRead)
                .filter(other -> other.row.clients().flows() == flows)
                .findFirst()
                .map(other -> other.median(round -> (round.readInTurn() - round.empty()) / round.trivial()));
    }

    private static boolean saysRead(Measured measured) {
        return measured.row.clients().many() && measured.row.clients().fresh() == 0;
    }

    /** What the machine itself takes: bare XDP_TX, the wrapper, and reads of a table at random. */
    static String machine(List<Measured> all) {
        List<String> lines = new ArrayList<>(List.of("| the machine itself | ns | × bare XDP_TX |", "|---|---|---|"));
        List<Round> rounds =
                all.stream().flatMap(measured -> measured.rounds.stream()).toList();
        lines.add(own("bare XDP_TX", rounds, Round::trivial));
        lines.add(own("wrapper around nothing, less that", rounds, round -> round.empty() - round.trivial()));
        for (Measured measured : all) {
            if (!saysRead(measured)) continue;
            String table = "read of one cache line at random, table of %,d flows in %,d KiB"
                    .formatted(
                            measured.row.clients().flows(),
                            measured.row.clients().flows() / 16);
            lines.add(
                    own(table + ", each waiting for the one before", measured.rounds, r -> r.readInTurn() - r.empty()));
            lines.add(own(table + ", overlapping as the processor can", measured.rounds, r -> r.read() - r.empty()));
        }
        return String.join("\n", lines) + "\n";
    }

    private static String own(String what, List<Round> rounds, java.util.function.ToDoubleFunction<Round> nanos) {
        return "| %s | %s | %s |"
                .formatted(
                        what,
                        ns(Measured.spread(rounds, nanos)),
                        times(Measured.spread(rounds, round -> nanos.applyAsDouble(round) / round.trivial())));
    }

    static String ns(Spread spread) {
        return "%.0f (%.0f–%.0f)".formatted(spread.median(), spread.least(), spread.most());
    }

    private static String times(Spread spread) {
        return "%.2f (%.2f–%.2f)".formatted(spread.median(), spread.least(), spread.most());
    }
}
