package io.evenkeel.dataplane.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** What the rounds of one row gave, and whether every packet took the way that was meant. */
final class Measured {
    /**
     * One round: nanoseconds for a run.
     *
     * @param trivial of a bare XDP_TX, as the others with what a test run itself takes
     * @param empty of a wrapped stub that does nothing
     * @param grown of a wrapped stub that makes room before the packet; as {@code empty} where the program does not
     * @param read of a wrapped stub that reads a line of the table at random; as {@code empty} with one flow
     * @param readInTurn the same, each read after the one before
     */
    record Round(double trivial, double empty, double grown, double read, double readInTurn, double ours) {
        /** Of the program alone: the wrapper takes back the room that the program has made, which is not its cost. */
        double cost() {
            return ours - empty - (grown - empty) / 2;
        }

        double figure() {
            return cost() / trivial;
        }
    }

    /** Median and extremes. */
    record Spread(double least, double median, double most) {}

    final Row row;
    final List<Round> rounds = new ArrayList<>();
    String proof = "";
    boolean proved;

    Measured(Row row) {
        this.row = row;
    }

    Spread spread(ToDoubleFunction<Round> figure) {
        return spread(rounds, figure);
    }

    static Spread spread(List<Round> rounds, ToDoubleFunction<Round> figure) {
        return spreadOf(rounds.stream().mapToDouble(figure));
    }

    static Spread spreadOf(DoubleStream figures) {
        double[] sorted = figures.sorted().toArray();
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(sorted[0], median, sorted[sorted.length - 1]);
    }

    double median(ToDoubleFunction<Round> figure) {
        return spread(figure).median();
    }
}
