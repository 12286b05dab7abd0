package io.evenkeel.api;

import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A bounded number of control connections. When all places are taken, whoever comes gets the place of the connection that
 * has asked nothing for the longest time, so that idle ones never keep an operator out; one whose request has come keeps
 * its place. Any thread.
 */
final class ControlPlaces {

    private final int most;
    /** Connections whose request has not come, the oldest first. */
    private final Set<ControlConnection> silent = new LinkedHashSet<>();

    private final Set<ControlConnection> asking = new HashSet<>();
    private long turnedAway;
    private long madeRoom;

    ControlPlaces(int most) {
        this.most = most;
    }

    /** Takes a place for {@code next}; false if every other is being answered. */
    synchronized boolean enter(ControlConnection next) {
        if (silent.size() + asking.size() == most) {
            Iterator<ControlConnection> oldest = silent.iterator();
            if (!oldest.hasNext()) {
                turnedAway++;
                return false;
            }
            oldest.next().giveUp();
            oldest.remove();
            madeRoom++;
        }
        silent.add(next);
        return true;
    }

    /** The request of {@code connection} has come; false if it has lost its place meanwhile. */
    synchronized boolean asked(ControlConnection connection) {
        return silent.remove(connection) && asking.add(connection);
    }

    /** Gives back the place, unless another has it already. */
    synchronized void leave(ControlConnection connection) {
        silent.remove(connection);
        asking.remove(connection);
        notifyAll();
    }

    /** Waits, at most so long, until nobody who has asked waits for an answer. */
    synchronized void awaitAnswers(Duration most) {
        long end = System.nanoTime() + most.toNanos();
        try {
            for (long left = most.toMillis();
                    !asking.isEmpty() && left > 0;
                    left = (end - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized long turnedAway() {
        return turnedAway;
    }

    synchronized long madeRoom() {
        return madeRoom;
    }
}
