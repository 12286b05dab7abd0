package io.evenkeel.schedule;

/**
 * The hash that IPVS's sh and dh share: the top 8 bits of a 32-bit product with the golden-ratio constant of Linux's
 * {@code hash_32}.
 */
final class Multiplicative {
    /** Slots of an sh or dh table: IPVS's default of 2^8. */
    static final int SLOTS = 256;

    private static final int GOLDEN_RATIO = 0x61C8_8647;

    private Multiplicative() {}

    /** A slot, 0..255. */
    static int slot(int value) {
        return (value * GOLDEN_RATIO) >>> 24;
    }

    /** IPv4: the address; IPv6: its four 32-bit words folded by exclusive or. */
    static int fold(boolean v6, long high, long low) {
        if (!v6) return (int) low;
        long folded = high ^ low;
        return (int) (folded >>> 32) ^ (int) folded;
    }
}
