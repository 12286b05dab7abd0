package io.evenkeel.health;

import io.evenkeel.model.Check;
import java.util.function.Consumer;

/** Runs probes. Each call ends in exactly one outcome, delivered on a thread of this room, never on the caller's. */
public final class Probes implements AutoCloseable {

    /**
     * Starts one probe of {@code check}.
     *
     * @param label {@code service/realserver}, for thread names and logs
     * @param done receives the outcome; must not block
     */
    public void start(Check check, String label, Consumer<ProbeOutcome> done) {
        throw new UnsupportedOperationException("health room: to be built");
    }

    /** Ends every probe and every child process; outcomes not yet delivered are dropped. */
    @Override
    public void close() {}
}
