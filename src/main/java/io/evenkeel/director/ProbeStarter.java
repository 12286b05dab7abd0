package io.evenkeel.director;

import io.evenkeel.health.ProbeOutcome;
import io.evenkeel.model.Check;
import java.util.function.Consumer;

/** How the director has a probe run: {@code io.evenkeel.health.Probes::start}, or a script in a test. */
@FunctionalInterface
public interface ProbeStarter {

    /**
     * Starts one probe; must not block.
     *
     * @param label {@code service/realserver}, for thread names and logs
     * @param done receives the one outcome, on any thread
     */
    void start(Check check, String label, Consumer<ProbeOutcome> done);
}
