package io.evenkeel.director;

import io.evenkeel.dataplane.CountersSnapshot;
import io.evenkeel.dataplane.Inheritance;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.health.ProbeOutcome;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Origins;
import io.evenkeel.model.ServiceKey;
import java.time.Duration;

/** What can happen to the director. A ticket names who waits for the answer. */
sealed interface Event {

    /**
     * A configuration is to be applied, whole or not at all.
     *
     * @param inheritance what the plane found in force; counts for the first configuration only
     */
    record Apply(Configuration configuration, Origins origins, long ticket, Inheritance inheritance) implements Event {}

    /** The operator's wish for one realserver. */
    record Intend(ServiceKey service, Endpoint realserver, OperatorIntent intent, long ticket) implements Event {}

    /** Take no new work. */
    record Stop(Duration grace, long ticket) implements Event {}

    /** No flow expects a reply any more, or the grace is over. */
    record Stopped() implements Event {}

    /**
     * A probe ended.
     *
     * @param run which run of the check
     * @param forwardedBefore datagrams that the plane had forwarded to the realserver when the probe began
     */
    record ProbeEnded(CheckRef check, int run, ProbeOutcome outcome, long forwardedBefore) implements Event {}

    /** What a plane's worker says. */
    record Plane(PlaneEvent event) implements Event {}

    /** A deadline has come. */
    record Timer(TimerKey key) implements Event {}

    /** This loop itself was late: it should have run at {@code fromNanos} and did at {@code toNanos}. */
    record Stalled(long fromNanos, long toNanos) implements Event {}

    /** All that had happened has been handled: the moment to make a table, if one is due. */
    record Settle() implements Event {}

    /** The plane's answer to {@link Action.Prepare}, before anything else happens. */
    record Prepared(Preparation preparation) implements Event {}

    /** Every worker has acknowledged this table. */
    record Committed(long version) implements Event {}

    /** Every worker has acknowledged that this realserver gets nothing any more. */
    record ShutAcknowledged(ServiceKey service, Endpoint realserver, int generation) implements Event {}

    /** The plane's figures, asked for by {@link Action.ReadCounters}. */
    record CountersRead(Action.Purpose purpose, CountersSnapshot counters) implements Event {}
}
