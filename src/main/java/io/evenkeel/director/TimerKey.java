package io.evenkeel.director;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.ServiceKey;

/** What a deadline is for. There is at most one deadline for each key, so the deadlines are as bounded as the state. */
sealed interface TimerKey {

    /** A check is due. */
    record Probe(CheckRef check) implements TimerKey {}

    /** The outcome of a probe never came (the mailbox was full): it is written off. */
    record ProbeLost(CheckRef check) implements TimerKey {}

    /** A suspicion that nothing has confirmed ends. */
    record SuspicionEnds(ServiceKey service, Endpoint realserver) implements TimerKey {}

    /** Suspicions that were not logged one by one are summed up. */
    record SuspicionsSummed(ServiceKey service, Endpoint realserver) implements TimerKey {}

    /** {@code drain_timeout}: what still flows is moved. */
    record DrainEnds(ServiceKey service, Endpoint realserver) implements TimerKey {}

    /** Nothing can name the slot of a removed service any more. */
    record ServiceForgotten(int slot) implements TimerKey {}

    /** A table should have been acknowledged by now. */
    record CommitLate() implements TimerKey {}

    /** The plane refused a table that a verdict or a wish needs: try again. */
    record TableAgain() implements TimerKey {}
}
