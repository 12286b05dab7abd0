package io.evenkeel.dataplane.kernel;

import java.time.Duration;

/**
 * Frees the places of flows whose time is over, some of the table at a time, on a thread of its own: {@code ek-sweep}. The
 * program treats such a flow as gone in any case, so being late costs room and nothing else.
 */
final class FlowSweeper {
    private static final int PARTS = 16;
    private static final Duration PAUSE = Duration.ofMillis(250); // the whole table in four seconds

    private final FlowTable flows;
    private final Thread thread;

    private FlowSweeper(FlowTable flows) {
        this.flows = flows;
        thread = Thread.ofPlatform().name("ek-sweep").daemon(true).unstarted(this::run);
    }

    static FlowSweeper start(FlowTable flows) {
        FlowSweeper sweeper = new FlowSweeper(flows);
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
