package io.evenkeel.health;

import io.evenkeel.model.Check;
import java.util.Optional;

/**
 * Whether a reply is what a UDP_CHECK asks for, by keepalived's rules: the pattern is compared over the shorter of
 * pattern and reply, and the limits of length hold only where a pattern is given. Pure; any thread.
 */
final class ReplyRule {
    private ReplyRule() {}

    /**
     * @param reply holds at least {@code min(length, reply.length)} bytes of it
     * @param length of the whole datagram
     * @return what is wrong with it, or empty
     */
    static Optional<String> mismatch(Check.Udp check, byte[] reply, int length) {
        String nibbles = check.reply().map(Check.ReplyPattern::nibbles).orElse("");
        if (nibbles.isEmpty()) return Optional.empty();
        if (length < check.minReplyLength()) {
            return Optional.of(
                    "reply of %s, at least %d asked for".formatted(Evidence.bytes(length), check.minReplyLength()));
        }
        if (length > check.maxReplyLength()) {
            return Optional.of(
                    "reply of %s, at most %d allowed".formatted(Evidence.bytes(length), check.maxReplyLength()));
        }
        int compared = Math.min(nibbles.length(), 2 * Math.min(length, reply.length));
        for (int i = 0; i < compared; i++) {
            char wanted = nibbles.charAt(i);
            int found = (i & 1) == 0 ? (reply[i / 2] >> 4) & 15 : reply[i / 2] & 15;
            if (wanted != 'X' && wanted != 'x' && Character.digit(wanted, 16) != found) {
                return Optional.of("reply differs at byte %d: %02x instead of %s"
                        .formatted(
                                i / 2,
                                reply[i / 2],
                                nibbles.substring(i & ~1, Math.min(nibbles.length(), (i | 1) + 1))));
            }
        }
        return Optional.empty();
    }
}
