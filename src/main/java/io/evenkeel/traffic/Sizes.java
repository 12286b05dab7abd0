package io.evenkeel.traffic;

import java.io.Serializable;
import java.util.SplittableRandom;

/**
 * How long the datagrams of a run are: drawn evenly from a range, each draw used for a run of consecutive datagrams so
 * that runs of equal length occur as offloads like them.
 *
 * @param min shortest, 0..65,507
 * @param max longest, min..65,507
 * @param longestRun each length is used for 1..longestRun consecutive datagrams
 * @param seed of the draw
 */
public record Sizes(int min, int max, int longestRun, long seed) implements Serializable {

    public Sizes {
        if (min < 0 || max < min || max > Payload.MAX_BYTES) {
            throw new IllegalArgumentException("lengths " + min + ".." + max + " outside 0.." + Payload.MAX_BYTES);
        }
        if (longestRun < 1) throw new IllegalArgumentException("a run has at least one datagram");
    }

    public static Sizes fixed(int length) {
        return new Sizes(length, length, 1, 0);
    }

    public static Sizes uniform(int min, int max, long seed) {
        return new Sizes(min, max, 1, seed);
    }

    public Sizes inRunsUpTo(int longest) {
        return new Sizes(min, max, longest, seed);
    }

    /** A fresh draw from the start; the same seed draws the same lengths. */
    Draw draw() {
        return new Draw(this);
    }

    /** The state of one draw. One thread. */
    static final class Draw {
        private final Sizes sizes;
        private final SplittableRandom random;
        private int length;
        private int left;

        private Draw(Sizes sizes) {
            this.sizes = sizes;
            this.random = new SplittableRandom(sizes.seed);
        }

        int next() {
            if (left == 0) {
                length = sizes.min == sizes.max ? sizes.min : random.nextInt(sizes.min, sizes.max + 1);
                left = sizes.longestRun == 1 ? 1 : random.nextInt(1, sizes.longestRun + 1);
            }
            left--;
            return length;
        }
    }
}
