package io.evenkeel.traffic;

import java.io.Serializable;
import java.util.Arrays;

/**
 * A set of sequence numbers as one bit each, grown as needed. Bounded: a number at or beyond {@link #MAX_SEQUENCES} is not
 * kept but counted. Not thread-safe; a copy may be handed to another thread.
 */
public final class SequenceSet implements Serializable {
    private static final long serialVersionUID = 1L;

    /** 16,777,216 numbers, 2 MiB of bits. */
    public static final long MAX_SEQUENCES = 1L << 24;

    private static final int FIRST_WORDS = 16;

    private long[] words;
    private long size;
    private long outOfRange;

    public SequenceSet() {
        this.words = new long[FIRST_WORDS];
    }

    /** A copy that later additions do not change. */
    public SequenceSet(SequenceSet other) {
        this.words = other.words.clone();
        this.size = other.size;
        this.outOfRange = other.outOfRange;
    }

    /** Adds a number; false if it was there already or cannot be kept. */
    public boolean add(long sequence) {
        if (sequence < 0 || sequence >= MAX_SEQUENCES) {
            outOfRange++;
            return false;
        }
        int word = (int) (sequence >>> 6);
        if (word >= words.length) words = Arrays.copyOf(words, Math.max(word + 1, words.length * 2));
        long bit = 1L << sequence;
        if ((words[word] & bit) != 0) return false;
        words[word] |= bit;
        size++;
        return true;
    }

    public boolean contains(long sequence) {
        int word = (int) (sequence >>> 6);
        return sequence >= 0 && word < words.length && (words[word] & 1L << sequence) != 0;
    }

    /** How many different numbers it holds. */
    public long size() {
        return size;
    }

    /** Numbers that could not be kept. */
    public long outOfRange() {
        return outOfRange;
    }

    /** How many numbers it holds in {@code from <= n < to}. */
    public long count(long from, long to) {
        long found = 0;
        for (long n = from; n < to; n++) if (contains(n)) found++;
        return found;
    }

    /** Adds what {@code other} holds; returns how many numbers were in both. */
    public long addAll(SequenceSet other) {
        if (other.words.length > words.length) words = Arrays.copyOf(words, other.words.length);
        long both = 0;
        size = 0;
        for (int i = 0; i < words.length; i++) {
            long theirs = i < other.words.length ? other.words[i] : 0;
            both += Long.bitCount(words[i] & theirs);
            words[i] |= theirs;
            size += Long.bitCount(words[i]);
        }
        outOfRange += other.outOfRange;
        return both;
    }
}
