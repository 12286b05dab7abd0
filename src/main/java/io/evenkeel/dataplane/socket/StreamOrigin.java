package io.evenkeel.dataplane.socket;

import io.evenkeel.model.IpAddress;
import java.util.Arrays;

/**
 * Who has connected, to what, and with whom we have tried to connect that client. Owned by one worker.
 *
 * <p>Addresses are the bits of the model; {@code v6} holds for both of them.
 */
final class StreamOrigin {
    static final long NO_TURN = -1;

    final boolean v6;
    final long high;
    final long low;
    final int port;

    /** What the client asked: the VIP, also when the service listens on a wildcard. */
    final long askedHigh;

    final long askedLow;
    final int askedPort;

    /** The turn of the first pick, kept by the service for the next ones. */
    long turn = NO_TURN;

    private int[] slots = new int[2];
    private int attempts;

    StreamOrigin(boolean v6, long high, long low, int port, long askedHigh, long askedLow, int askedPort) {
        this.v6 = v6;
        this.high = high;
        this.low = low;
        this.port = port;
        this.askedHigh = askedHigh;
        this.askedLow = askedLow;
        this.askedPort = askedPort;
    }

    boolean isClient(IpAddress address) {
        return low == address.low() && high == address.high();
    }

    boolean asked(IpAddress address) {
        return askedLow == address.low() && askedHigh == address.high();
    }

    void attempt(int slot) {
        if (attempts == slots.length) slots = Arrays.copyOf(slots, attempts * 2);
        slots[attempts++] = slot;
    }

    int attempts() {
        return attempts;
    }

    boolean tried(int slot) {
        for (int i = 0; i < attempts; i++) if (slots[i] == slot) return true;
        return false;
    }
}
