package io.evenkeel.daemon;

import io.evenkeel.director.Director;
import io.evenkeel.health.Probes;
import java.util.function.BiConsumer;

/** What a director is built of, in the order of building; the only file that knows the parts' constructors. */
record Parts(Probes probes, Director director, String planeReason) implements AutoCloseable {

    static Parts build(Daemon.Settings settings, BiConsumer<String, Throwable> bug) {
        return new Parts(new Probes(), new Director(), settings.plane().toString() + bug);
    }

    @Override
    public void close() {
        director.close();
        probes.close();
    }
}
