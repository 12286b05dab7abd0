package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.evenkeel.dataplane.DropReason;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Where the program would send a packet, by the program itself: what {@code ek_explain} wrote, decoded here and nowhere
 * else. Services and realservers are named by their numbers in the maps.
 */
sealed interface Explained {
    int PASSES_UP = 0;
    int DROPPED = 1;
    int FORWARDED = 2;
    int REPLIED = 3;
    int REPLIED_BY_STACK = 4;

    /** {@code EK_NOWHERE}: no service, or no realserver. */
    int NOWHERE = 0x7fff_ffff;

    /** It goes up to the stack. */
    record Passed(PassReason why) implements Explained {}

    /** @param picked whom it would have gone to; empty if it did not come so far */
    record Dropped(int service, DropReason reason, Optional<Forwarded> picked) implements Explained {}

    /**
     * It goes to a realserver.
     *
     * @param turn the one it would take
     * @param firstChoice whose slot that turn is
     * @param server who gets it: another, if the first cannot be used
     */
    record Forwarded(int service, long turn, int firstChoice, int server) implements Explained {}

    /**
     * It is a reply, and leaves from the virtual service.
     *
     * @param interfaceIndex 0 if the stack has to find the neighbour first
     */
    record Replied(int service, int server, int interfaceIndex) implements Explained {}

    /** Reads what {@code ek_explain} wrote. */
    static Explained read(MemorySegment explained) {
        int detail = explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "detail"));
        int service = explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "service"));
        int server = explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "server"));
        return switch (explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "outcome"))) {
            case PASSES_UP -> new Passed(PassReason.of(detail));
            case DROPPED -> {
                DropReason reason = Abi.REASONS.get(detail);
                boolean came = server != NOWHERE && reason != DropReason.NO_REALSERVER;
                yield new Dropped(
                        service, reason, came ? Optional.of(forwarded(explained, service, server)) : Optional.empty());
            }
            case FORWARDED -> forwarded(explained, service, server);
            case REPLIED, REPLIED_BY_STACK ->
                new Replied(service, server, explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "route_interface")));
            default -> throw new IllegalStateException("the program answered an outcome of another version");
        };
    }

    private static Forwarded forwarded(MemorySegment explained, int service, int server) {
        return new Forwarded(
                service,
                explained.get(JAVA_LONG, Abi.offset(Abi.EXPLAINED, "turn")),
                explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "first_choice")),
                server);
    }
}
