import java.util.Optional;

/**
 * What a first target came to. Rules: a row whose split is not exact or whose account does not balance is void; a
 * rate that the generator or the sink set is not judged, CPU per unit of work is judged instead, unless the lower
 * bound already meets the target.
 */
record Judgement(Row.Target target, Optional<Results.Spread> measured, String outcome) {
    private static final Balancer OURS = Balancer.EVENKEEL;

    static Judgement of(Results results, Row.Target target) {
        Optional<Results.Spread> rate = results.rateRatio(OURS, target.peer());
        Optional<Results.Spread> thrift = results.thrift(OURS, target.peer());
        Optional<Results.Spread> measured = target.figure() == Row.Figure.RATE ? rate : thrift;
        return new Judgement(target, measured, outcome(results, target, rate, thrift));
    }

    private static String outcome(
            Results results, Row.Target target, Optional<Results.Spread> rate, Optional<Results.Spread> thrift) {
        if (rate.isEmpty() || thrift.isEmpty()) {
            return "not measured";
        }
        Optional<String> fault = fault(results);
        if (fault.isPresent()) {
            return "void: " + fault.get();
        }
        if (target.figure() == Row.Figure.CPU) {
            return verdict(thrift.get(), target);
        }
        boolean sinkWasTheLimit = results.sinkWasTheLimit(OURS) || results.sinkWasTheLimit(target.peer());
        boolean peerIsHidden = results.paceIsTheGenerators(target.peer());
        boolean weAreHidden = results.paceIsTheGenerators(OURS);
        if (sinkWasTheLimit || peerIsHidden || (weAreHidden && rate.get().median() < target.factor())) {
            String why = sinkWasTheLimit ? "sink" : "generator";
            return "%s by CPU (%s×); the rate is the %s's"
                    .formatted(verdict(thrift.get(), target), Report.ratio(thrift.get()), why);
        }
        if (weAreHidden) {
            return verdict(rate.get(), target) + ", at least (the generator sets the pace)";
        }
        boolean met = rate.get().median() >= target.factor();
        String byCpu = "; by CPU %s×".formatted(Report.ratio(thrift.get()));
        return verdict(rate.get(), target) + (met ? "" : byCpu);
    }

    private static String verdict(Results.Spread measured, Row.Target target) {
        return measured.median() >= target.factor() ? "met" : "not met";
    }

    /** Why no figure of ours counts in this row, if so. */
    private static Optional<String> fault(Results results) {
        for (Trial.Measurement measurement : results.of(OURS)) {
            if (!measurement.splitIsExact()) {
                return Optional.of("the split is not exact");
            }
            if (measurement.imbalance().filter(imbalance -> imbalance == 0).isEmpty()) {
                return Optional.of("imbalance is not 0");
            }
            if (!measurement.nothingForgotten()) {
                return Optional.of("its account holds less than came through");
            }
        }
        return Optional.empty();
    }
}
