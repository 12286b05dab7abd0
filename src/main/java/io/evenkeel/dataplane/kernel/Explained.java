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
    int DELIVERED = 5;
    int A_FLOW = 1;
    int A_TEMPLATE = 2;

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
     * @param known what was known of the client
     * @param local it is this machine's own stack that serves it
     */
    record Forwarded(int service, long turn, int firstChoice, int server, Known known, boolean local)
            implements Explained {}

    /**
     * What said where it goes before any turn, {@code enum ek_told_by}; the client's own flow hides a template.
     *
     * @param value of the flow, note or template, 0 if there is none
     */
    record Known(boolean flow, boolean template, long value) {
        /** Of a flow or template: the realserver. Of a note: the service. */
        int owner() {
            return (int) (value >>> 48);
        }

        short generation() {
            return (short) (value >>> 32);
        }

        /** The tick of its last packet. */
        int last() {
            return (int) (value >>> 8) & ((1 << Abi.TICK_BITS) - 1);
        }

        boolean isFlow() {
            return flow && FlowState.of(value).orElse(FlowState.NOTE) != FlowState.NOTE;
        }
    }

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
                boolean came =
                        server != Abi.NOWHERE && reason != DropReason.NO_REALSERVER && reason != DropReason.OVERLOADED;
                yield new Dropped(
                        service, reason, came ? Optional.of(forwarded(explained, service, server)) : Optional.empty());
            }
            case FORWARDED, DELIVERED -> forwarded(explained, service, server);
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
                server,
                known(explained),
                explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "outcome")) == DELIVERED);
    }

    private static Known known(MemorySegment explained) {
        int by = explained.get(JAVA_INT, Abi.offset(Abi.EXPLAINED, "flow_found"));
        long value = by == 0 ? 0 : explained.get(JAVA_LONG, Abi.offset(Abi.EXPLAINED, "flow_value"));
        return new Known(by == A_FLOW, by == A_TEMPLATE, value);
    }
}
