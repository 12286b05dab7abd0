package io.evenkeel.dataplane.kernel;

/** Why a packet is none of ours and passes up to the stack: {@code enum ek_pass}. */
enum PassReason {
    /** It ends inside a header. */
    TRUNCATED(0),
    /** It is not addressed to this machine's MAC address. */
    ELSEWHERE(1),
    /** It is neither UDP nor TCP, or a later fragment. */
    OTHER(2),
    /** No virtual service stands at its destination, and no realserver at its source. */
    NO_SERVICE(3),
    /** A realserver answers the director itself. */
    OWN_ADDRESS(4),
    /** The middle of a TCP connection that is not known, or from a realserver to nobody who asked. */
    NO_FLOW(5);

    private final int number;

    PassReason(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** The one with this number. */
    static PassReason of(int number) {
        for (PassReason reason : values()) if (reason.number == number) return reason;
        throw new IllegalArgumentException("no pass reason " + number);
    }
}
