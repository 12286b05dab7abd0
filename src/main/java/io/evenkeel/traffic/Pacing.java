package io.evenkeel.traffic;

import java.io.Serializable;
import java.time.Duration;

/** When a sender sends its next datagram. */
public sealed interface Pacing extends Serializable {

    /**
     * By the clock, whatever comes back. A sender that was held up catches up by at most {@link #MAX_CATCH_UP} datagrams
     * and lets the rest of the delay stand: a burst of ours must not overflow a buffer that is being tested.
     *
     * @param perSecond datagrams a second, at least 1
     */
    record OpenLoop(int perSecond) implements Pacing {
        /** The most datagrams sent at once after a delay. */
        public static final int MAX_CATCH_UP = 64;

        public OpenLoop {
            if (perSecond < 1) throw new IllegalArgumentException("a rate is at least 1 a second: " + perSecond);
        }
    }

    /**
     * As fast as replies come: never more than {@code outstanding} requests wait for theirs.
     *
     * @param outstanding at least 1
     * @param giveUp after this time a request no longer counts as outstanding; its reply is still recorded if it comes
     */
    record ClosedLoop(int outstanding, Duration giveUp) implements Pacing {
        public ClosedLoop {
            if (outstanding < 1) throw new IllegalArgumentException("at least one outstanding: " + outstanding);
        }
    }
}
