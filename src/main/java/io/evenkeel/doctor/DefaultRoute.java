package io.evenkeel.doctor;

import java.util.Optional;

/** A default route of the main table. Immutable. */
record DefaultRoute(boolean v6, String device) {
    private static final String ZERO_4 = "00000000";
    private static final String ZERO_6 = ZERO_4.repeat(4);
    private static final int REJECT = 0x200;

    /** A line of /proc/net/route; empty if it is not a default route. */
    static Optional<DefaultRoute> parse4(String line) {
        String[] words = line.strip().split("\\s+");
        boolean all = words.length > 7 && words[1].equals(ZERO_4) && words[7].equals(ZERO_4);
        return all ? Optional.of(new DefaultRoute(false, words[0])) : Optional.empty();
    }

    /** A line of /proc/net/ipv6_route; empty if it is not a default route, or one that refuses. */
    static Optional<DefaultRoute> parse6(String line) {
        String[] words = line.strip().split("\\s+");
        if (words.length < 10 || !words[0].equals(ZERO_6) || !words[1].equals("00")) return Optional.empty();
        int flags;
        try {
            flags = Integer.parseUnsignedInt(words[8], 16);
        } catch (NumberFormatException notOne) {
            return Optional.empty();
        }
        return (flags & REJECT) != 0 ? Optional.empty() : Optional.of(new DefaultRoute(true, words[9]));
    }
}
