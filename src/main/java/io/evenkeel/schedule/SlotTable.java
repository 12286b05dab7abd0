package io.evenkeel.schedule;

import io.evenkeel.model.Scheduling;
import java.util.List;

/**
 * sh, mh and dh: pick = hash mod size, with IPVS's fallback walk. Bit-exact to IPVS: tables are filled from the newest
 * realserver to the oldest, which is the file's order in reverse. Immutable; any thread may pick.
 *
 * <p>Without its fallback flag a hash scheduler refuses the clients of a realserver that cannot be used, as IPVS does;
 * but those of a draining one take the walk all the same, since a drain must not lose anything.
 */
public final class SlotTable implements Schedule {
    static final char EMPTY = 0xffff;

    /** What is hashed, and how. */
    public enum Kind {
        SOURCE,
        MAGLEV,
        DESTINATION
    }

    private final Kind kind;
    private final boolean withPort;
    private final boolean fallback;
    private final char[] table; // slot → candidate
    private final boolean[] weighted; // candidate → has weight now, so may be picked
    private final boolean[] draining;

    private SlotTable(Kind kind, boolean withPort, boolean fallback, char[] table, List<Candidate> candidates) {
        this.kind = kind;
        this.withPort = withPort;
        this.fallback = fallback;
        this.table = table;
        this.weighted = new boolean[candidates.size()];
        this.draining = new boolean[candidates.size()];
        for (int i = 0; i < weighted.length; i++) {
            weighted[i] = candidates.get(i).weight() > 0;
            draining[i] = candidates.get(i).draining();
        }
    }

    static SlotTable of(Scheduling.SourceHash sh, List<Candidate> candidates, int[] newestFirst) {
        char[] table = SourceHash.bySource(candidates, newestFirst);
        return new SlotTable(Kind.SOURCE, sh.port(), sh.fallback(), table, candidates);
    }

    static SlotTable of(Scheduling.Maglev mh, List<Candidate> candidates, int[] newestFirst) {
        char[] table = Maglev.table(candidates, newestFirst);
        return new SlotTable(Kind.MAGLEV, mh.port(), mh.fallback(), table, candidates);
    }

    static SlotTable ofDestinations(List<Candidate> candidates, int[] newestFirst) {
        return new SlotTable(Kind.DESTINATION, false, false, SourceHash.byDestination(newestFirst), candidates);
    }

    public Kind kind() {
        return kind;
    }

    /** The client's port is part of the hash. */
    public boolean withPort() {
        return withPort;
    }

    /** Clients of a realserver that cannot be used walk on. */
    public boolean fallback() {
        return fallback;
    }

    /** Slots in the table. */
    public int length() {
        return table.length;
    }

    /** The candidate in {@code slot}, 0..length−1, whether or not it can be used; {@link #NONE} for nobody. */
    public int candidateAt(int slot) {
        return table[slot] == EMPTY ? NONE : table[slot];
    }

    /** The candidate is draining: its clients walk on, whatever {@link #fallback} says. */
    public boolean draining(int candidate) {
        return draining[candidate];
    }

    /**
     * The candidate for this packet.
     *
     * @param v6 family of both addresses
     * @param clientHigh first 64 bits of the client's address (0 for IPv4)
     * @param clientLow last 64 bits, or the IPv4 address
     * @param clientPort used by sh-port and mh-port only
     * @param vipHigh as clientHigh, of the VIP; used by dh
     * @param vipLow as clientLow, of the VIP; used by dh
     */
    public int pick(
            boolean v6,
            long clientHigh,
            long clientLow,
            int clientPort,
            long vipHigh,
            long vipLow,
            Eligibility eligibility) {
        int port = withPort ? clientPort : 0;
        int address = address(v6, clientHigh, clientLow, vipHigh, vipLow);
        int slot = slot(port, address);
        char candidate = table[slot];
        if (candidate == EMPTY) return NONE;
        if (usable(candidate, eligibility)) return candidate;
        if (!fallback && !draining[candidate]) {
            return weighted[candidate] && eligibility.tolerable(candidate) ? candidate : NONE;
        }
        if (!anybody(eligibility)) return NONE; // spares a walk of 4,093 hashes
        return kind == Kind.MAGLEV ? walkMaglev(slot, port, address, eligibility) : walkSlots(slot, eligibility);
    }

    private int address(boolean v6, long clientHigh, long clientLow, long vipHigh, long vipLow) {
        return kind == Kind.DESTINATION
                ? Multiplicative.fold(v6, vipHigh, vipLow)
                : Multiplicative.fold(v6, clientHigh, clientLow);
    }

    private int slot(int port, int address) {
        return kind == Kind.MAGLEV ? Maglev.slot(0, port, address) : Multiplicative.slot(port + address);
    }

    /** The slot where {@link #pick} begins, 0..size−1. */
    public int slot(boolean v6, long clientHigh, long clientLow, int clientPort, long vipHigh, long vipLow) {
        return slot(withPort ? clientPort : 0, address(v6, clientHigh, clientLow, vipHigh, vipLow));
    }

    /** What the hash is of, for a person. */
    public String key() {
        if (kind == Kind.DESTINATION) return "the address asked";
        return withPort ? "the client's address and port" : "the client's address";
    }

    /** sh: from twice the slot on, one by one. */
    private int walkSlots(int slot, Eligibility eligibility) {
        for (int step = 0; step < table.length; step++) {
            char candidate = table[((step + slot) % table.length + slot) % table.length];
            if (candidate == EMPTY) return NONE;
            if (usable(candidate, eligibility)) return candidate;
        }
        return NONE;
    }

    /** mh: hashed again with each offset in turn. */
    private int walkMaglev(int slot, int port, int address, Eligibility eligibility) {
        for (int step = 0; step < table.length; step++) {
            char candidate = table[Maglev.slot((step + slot) % table.length, port, address)];
            if (candidate == EMPTY) return NONE;
            if (usable(candidate, eligibility)) return candidate;
        }
        return NONE;
    }

    private boolean usable(int candidate, Eligibility eligibility) {
        return weighted[candidate] && eligibility.usable(candidate);
    }

    private boolean anybody(Eligibility eligibility) {
        for (int i = 0; i < weighted.length; i++) if (usable(i, eligibility)) return true;
        return false;
    }
}
