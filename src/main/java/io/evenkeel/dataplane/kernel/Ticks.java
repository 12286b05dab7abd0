package io.evenkeel.dataplane.kernel;

/** Time as the program keeps it with flows: {@code enum ek_tick}, of the clock that System.nanoTime reads. Pure. */
final class Ticks {
    private static final int MASK = (1 << Abi.TICK_BITS) - 1;
    private static final int AHEAD = 16; // another CPU's clock may be ahead of ours

    /** The longest that can be told, 51 days. */
    private static final int MOST = MASK - AHEAD - 1;

    private Ticks() {}

    /** The tick of a time. */
    static int at(long nanoTime) {
        return (int) (nanoTime >>> Abi.TICK_SHIFT) & MASK;
    }

    /** So much time, rounded up; what is longer than can be told is as long as can be told. */
    static int of(long nanos) {
        return (int) Math.min(MOST, (nanos + (1L << Abi.TICK_SHIFT) - 1) >>> Abi.TICK_SHIFT);
    }

    /** Ticks since then. */
    static int age(int now, int then) {
        int age = (now - then) & MASK;
        return age > MASK - AHEAD ? 0 : age;
    }
}
