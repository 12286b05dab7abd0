package io.evenkeel.scenario;

import io.evenkeel.lab.Rig;
import java.io.IOException;

/** Waits until datagrams that were sent have arrived. What has not arrived in time is lost: the audit will say so. */
final class Settle {
    private static final long PATIENCE_MILLIS = 1_000;
    private static final long QUIET_MILLIS = 100;
    private static final long POLL_MILLIS = 20;

    private Settle() {}

    /** Until the realservers together have received so many, or a second has passed. */
    static void untilReceived(Rig rig, long expected) throws IOException, InterruptedException {
        for (long waited = 0; received(rig) < expected && waited < PATIENCE_MILLIS; waited += POLL_MILLIS) {
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** Until nothing has arrived anywhere for a while. */
    static void untilQuiet(Rig rig) throws IOException, InterruptedException {
        long before = -1;
        for (long now = received(rig); now != before; now = received(rig)) {
            before = now;
            Thread.sleep(QUIET_MILLIS);
        }
    }

    private static long received(Rig rig) throws IOException {
        long sum = 0;
        for (int i = 1; i <= rig.layout().servers(); i++) {
            if (rig.serverRuns(i)) sum += rig.report(i).received();
        }
        return sum;
    }
}
