import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;

/** All measurements of one row, by balancer and round. Written and read by the main thread only. */
final class Results {
    private static final double NEARLY_ALL = 0.98;
    private static final double CLOSE_TO_THE_CEILING = 0.9;

    private final Row row;
    private final Map<Balancer, Map<Integer, Trial.Measurement>> rounds = new LinkedHashMap<>();
    private final List<String> troubles = new ArrayList<>();

    Results(Row row) {
        this.row = row;
    }

    Row row() {
        return row;
    }

    /** What went wrong, a sentence each; such a trial has no measurement. */
    List<String> troubles() {
        return troubles;
    }

    void add(Balancer balancer, int round, Trial.Measurement measurement) {
        rounds.computeIfAbsent(balancer, unused -> new TreeMap<>()).put(round, measurement);
    }

    Collection<Trial.Measurement> of(Balancer balancer) {
        return rounds.getOrDefault(balancer, Map.of()).values();
    }

    boolean has(Balancer balancer) {
        return rounds.containsKey(balancer);
    }

    Optional<Spread> spread(Balancer balancer, ToDoubleFunction<Trial.Measurement> figure) {
        return Spread.of(of(balancer).stream().mapToDouble(figure).toArray());
    }

    /** A figure made of two balancers' measurements of the same round, round by round. */
    Optional<Spread> paired(
            Balancer one, Balancer other, BiFunction<Trial.Measurement, Trial.Measurement, Double> figure) {
        Map<Integer, Trial.Measurement> others = rounds.getOrDefault(other, Map.of());
        return Spread.of(rounds.getOrDefault(one, Map.of()).entrySet().stream()
                .filter(entry -> others.containsKey(entry.getKey()))
                .mapToDouble(entry -> figure.apply(entry.getValue(), others.get(entry.getKey())))
                .toArray());
    }

    /** How many times the other's rate. */
    Optional<Spread> rateRatio(Balancer one, Balancer other) {
        return paired(one, other, (a, b) -> a.rate() / b.rate());
    }

    /** How many times the CPU that the other takes one would have to take to cost the same: 7 is a seventh of it. */
    Optional<Spread> thrift(Balancer one, Balancer other) {
        return paired(one, other, (a, b) -> b.cost() / a.cost());
    }

    /**
     * Whether the generator rather than the balancer set the pace, so that the rate is only a lower bound: nearly all
     * that was offered came through, or, where each unit waits for an earlier one, the pace is close to that without
     * balancer.
     */
    boolean paceIsTheGenerators(Balancer balancer) {
        if (row.unit().isClosedLoop()) {
            return rateRatio(balancer, Balancer.NONE)
                    .filter(ratio -> ratio.median() >= CLOSE_TO_THE_CEILING)
                    .isPresent();
        }
        return spread(balancer, Trial.Measurement::delivered)
                .filter(delivered -> delivered.median() >= NEARLY_ALL)
                .isPresent();
    }

    boolean sinkWasTheLimit(Balancer balancer) {
        return of(balancer).stream().anyMatch(Trial.Measurement::sinkWasTheLimit);
    }

    /** Median and extremes of some runs. */
    record Spread(double median, double least, double most) {
        boolean isOneValue() {
            return least == most;
        }

        static Optional<Spread> of(double[] values) {
            if (values.length == 0) {
                return Optional.empty();
            }
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            int middle = sorted.length / 2;
            double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
            return Optional.of(new Spread(median, sorted[0], sorted[sorted.length - 1]));
        }
    }
}
