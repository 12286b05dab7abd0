package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.evenkeel.dataplane.DropReason;
import java.lang.foreign.MemorySegment;

/**
 * Where the program would send a packet, by the program itself. Services and realservers are named by their numbers in
 * the maps.
 */
sealed interface Explanation {
    int FORWARDED = 2;
    int REPLIED = 3;
    int REPLIED_BY_STACK = 4;

    /** It goes up to the stack. */
    record Passed(PassReason why) implements Explanation {}

    record Dropped(int service, DropReason reason) implements Explanation {}

    /**
     * It goes to a realserver.
     *
     * @param turn the one it would take
     * @param firstChoice whose slot that turn is
     * @param server who gets it: another, if the first cannot be used
     */
    record Forwarded(int service, long turn, int firstChoice, int server) implements Explanation {}

    /**
     * It is a reply, and leaves from the virtual service.
     *
     * @param interfaceIndex 0 if the stack has to find the neighbour first
     */
    record Replied(int service, int server, int interfaceIndex) implements Explanation {}

    /** Reads what {@code ek_explain} wrote. */
    static Explanation read(MemorySegment explained) {
        int detail = explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "detail"));
        int service = explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "service"));
        int server = explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "server"));
        return switch (explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "outcome"))) {
            case 0 -> new Passed(PassReason.of(detail));
            case 1 -> new Dropped(service, Abi.REASONS.get(detail));
            case FORWARDED ->
                new Forwarded(
                        service,
                        explained.get(JAVA_LONG, Abi.offset(Abi.EXPLAINED, "turn")),
                        explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "first_choice")),
                        server);
            case REPLIED, REPLIED_BY_STACK ->
                new Replied(service, server, explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "route_interface")));
            default -> throw new IllegalStateException("the program answered an outcome of another version");
        };
    }
}
