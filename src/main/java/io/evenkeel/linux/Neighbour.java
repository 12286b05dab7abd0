package io.evenkeel.linux;

/**
 * An entry of the kernel's ARP or ND table (RTM_NEWNEIGH). Immutable.
 *
 * @param index of the interface
 * @param mac the hardware address in the low 48 bits; 0 if it is not known or has not 6 bytes
 * @param state one of the constants below, or 0 (NUD_NONE)
 * @param flags NTF_*
 */
public record Neighbour(int index, NumericAddress address, long mac, int state, int flags) {

    /** Asked, no answer yet. */
    public static final int INCOMPLETE = 0x01;

    /** Confirmed lately. */
    public static final int REACHABLE = 0x02;

    /** Not confirmed lately; good until used, then it is asked again. */
    public static final int STALE = 0x04;

    /** Used while stale; asked in some seconds unless traffic confirms it. */
    public static final int DELAY = 0x08;

    /** Being asked again. */
    public static final int PROBE = 0x10;

    /** Did not answer. */
    public static final int FAILED = 0x20;

    /** Needs no resolution. */
    public static final int NOARP = 0x40;

    /** Set by hand. */
    public static final int PERMANENT = 0x80;

    private static final int USABLE = REACHABLE | STALE | DELAY | PROBE | NOARP | PERMANENT;

    /** Packets may be sent to {@link #mac}: the kernel itself would (NUD_VALID). */
    public boolean usable() {
        return mac != 0 && (state & USABLE) != 0;
    }

    /** The kernel never asks for it; a probe would take the permanence from it. */
    public boolean fixed() {
        return (state & (PERMANENT | NOARP)) != 0;
    }
}
