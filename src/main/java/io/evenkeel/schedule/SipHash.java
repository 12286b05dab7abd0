package io.evenkeel.schedule;

/**
 * SipHash-1-3 of one 32-bit value, cut to 32 bits: what a 64-bit Linux kernel computes as {@code hsiphash} of four
 * little-endian bytes. Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
 */
final class SipHash {
    private static final int LENGTH = 4; // bytes hashed

    private SipHash() {}

    /** @param key both 64-bit words of the key, as IPVS's mh sets them */
    static int of(int value, long key) {
        long v0 = key ^ 0x736f6d6570736575L;
        long v1 = key ^ 0x646f72616e646f6dL;
        long v2 = key ^ 0x6c7967656e657261L;
        long v3 = key ^ 0x7465646279746573L;
        long last = (long) LENGTH << 56 | Integer.toUnsignedLong(value); // a single, final block
        v3 ^= last;
        for (int round = 0; round < 4; round++) { // one for the block, three to finish
            v0 += v1;
            v2 += v3;
            v1 = Long.rotateLeft(v1, 13) ^ v0;
            v3 = Long.rotateLeft(v3, 16) ^ v2;
            v0 = Long.rotateLeft(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = Long.rotateLeft(v1, 17) ^ v2;
            v3 = Long.rotateLeft(v3, 21) ^ v0;
            v2 = Long.rotateLeft(v2, 32);
            if (round == 0) {
                v0 ^= last;
                v2 ^= 0xff;
            }
        }
        return (int) (v0 ^ v1 ^ v2 ^ v3);
    }
}
