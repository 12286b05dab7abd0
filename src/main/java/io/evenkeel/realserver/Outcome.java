package io.evenkeel.realserver;

import java.util.Locale;

/**
 * What became of a packet that came in: each gets exactly one. In the order of {@code enum rs_outcome}; aggregates count
 * as the packets they were made of. The outer family is the second in a name.
 */
public enum Outcome {
    IPIP_4_IN_4(0),
    IPIP_6_IN_4(1),
    IPIP_4_IN_6(2),
    IPIP_6_IN_6(3),
    GRE_4_IN_4(4),
    GRE_6_IN_4(5),
    GRE_4_IN_6(6),
    GRE_6_IN_6(7),
    GUE_4_IN_4(8),
    GUE_6_IN_4(9),
    GUE_4_IN_6(10),
    GUE_6_IN_6(11),
    /** Addressed to a VIP itself: direct routing. */
    DIRECT_4(12),
    DIRECT_6(13),
    /** A tunnel's packet whose inner destination is no VIP of ours; passes up untouched, as the next four. */
    NOT_A_VIP(14),
    /** A tunnel's packet in pieces: the way from the director has a smaller MTU than the director believes. */
    FRAGMENT(15),
    /** A tunnel's packet whose lengths, version or header checksum are wrong. */
    MALFORMED(16),
    /** A tunnel's packet with a version, an option or a protocol that is not read here. */
    UNSUPPORTED(17),
    /** Everything else that comes in. */
    NOT_OURS(18),
    /** Marked as congested outside, which RFC 6040 does not allow for what is inside; dropped. */
    REFUSED_CONGESTED(19),
    /** The kernel could not take the outer headers off; dropped. */
    REFUSED_FAILED(20);

    private final int number;

    Outcome(int number) {
        this.number = number;
    }

    /** Its place in {@code enum rs_outcome}. */
    int number() {
        return number;
    }

    /** Whether it lost its outer headers. */
    public boolean stripped() {
        return number < DIRECT_4.number;
    }

    /** Its name in counters: {@code ipip_4_in_4}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
