package io.evenkeel.linux;

/** Something the kernel told about its network state, in an answer or unasked. Immutable. */
public sealed interface NetworkChange {

    /** An interface is new or has changed. */
    record LinkSet(Link link) implements NetworkChange {}

    /** An interface is gone from this namespace. */
    record LinkGone(int index) implements NetworkChange {}

    /** An address is new or has changed. */
    record AddressSet(Address address) implements NetworkChange {}

    record AddressGone(Address address) implements NetworkChange {}

    /** An entry of the ARP or ND table is new or has changed. */
    record NeighbourSet(Neighbour neighbour) implements NetworkChange {}

    record NeighbourGone(Neighbour neighbour) implements NetworkChange {}

    /** A route, a rule or a next hop object came, went or changed: any lookup may have another answer now. */
    record RoutesChanged() implements NetworkChange {}

    /** Well formed, and nothing that this room describes. */
    record Irrelevant() implements NetworkChange {}

    /**
     * Not to be understood.
     *
     * @param type of the message, 0 if there was no header to read it from
     */
    record Unreadable(int type) implements NetworkChange {}
}
