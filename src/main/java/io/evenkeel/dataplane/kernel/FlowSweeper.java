package io.evenkeel.dataplane.kernel;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * Frees the places of flows whose time is over, some of the table at a time, on a thread of its own: {@code ek-sweep}. The
 * program treats such a flow as gone in any case, so being late costs room and nothing else.
 */
final class FlowSweeper {
    private static final int PARTS = 16;
    private static final Duration PAUSE = Duration.ofMillis(250); // the whole table in four seconds

    private final FlowTable flows;
    private final Consumer<Throwable> broken;
    private final Thread thread;

    private FlowSweeper(FlowTable flows, Consumer<Throwable> broken) {
        this.flows = flows;
        this.broken = broken;
        thread = Thread.ofPlatform().name("ek-sweep").daemon(true).unstarted(this::run);
    }

    /** @param broken hears of a bug that ended it; must neither block nor throw */
    static FlowSweeper start(FlowTable flows, Consumer<Throwable> broken) {
        FlowSweeper sweeper = new FlowSweeper(flows, broken);
        sweeper.thread.start();
        return sweeper;
    }

    private void run() {
        try {
            for (int part = 0; ; part = (part + 1) % PARTS) {
                Thread.sleep(PAUSE);
                flows.sweep(part, PARTS, Ticks.at(System.nanoTime()));
            }
        } catch (InterruptedException stopped) {
            // the end
        } catch (RuntimeException | Error bug) {
            broken.accept(bug);
        }
    }

    /** Returns when it does not touch the table any more. */
    void stop() {
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
