package io.evenkeel.director;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Steps, actions and deadlines joined: the director without its thread and mailbox. One thread, but any may read {@link
 * #state}: it is what is published, before anybody is answered.
 */
final class DirectorCore {
    private final DirectorRule rule;
    private final Performer performer;
    private final Timers timers;
    private volatile DirectorState state;

    DirectorCore(DirectorRule rule, Performer performer, Timers timers, DirectorState state) {
        this.rule = rule;
        this.performer = performer;
        this.timers = timers;
        this.state = state;
    }

    DirectorState state() {
        return state;
    }

    /** Handles the event, and what its actions answer at once, to the end. */
    void handle(Event event, long nowNanos) {
        Queue<Event> events = new ArrayDeque<>();
        for (Event next = event; next != null; next = events.poll()) {
            Step step = rule.step(state, next, nowNanos);
            state = step.state();
            for (Action action : step.actions()) {
                Event answer = performer.perform(action, nowNanos);
                if (answer != null) events.add(answer);
            }
        }
    }

    /** Every deadline that has come. */
    void handleDue(long nowNanos) {
        for (@Nullable TimerKey key = timers.due(nowNanos); key != null; key = timers.due(nowNanos)) {
            handle(new Event.Timer(key), nowNanos);
        }
    }

    /** All that has happened is handled: make a table, if one is due. */
    void settle(long nowNanos) {
        handle(new Event.Settle(), nowNanos);
    }

    long nanosToNextDeadline(long nowNanos, long most) {
        return timers.nanosToNext(nowNanos, most);
    }
}
