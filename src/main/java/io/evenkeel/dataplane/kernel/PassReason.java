package io.evenkeel.dataplane.kernel;

/** Why a packet is none of ours and passes up to the stack: {@code enum ek_pass}. */
enum PassReason {
    TRUNCATED(0, "it ends inside a header"),
    ELSEWHERE(1, "it is not addressed to this machine's MAC address"),
    OTHER(2, "it is no IPv4 UDP packet, or a later fragment"),
    NO_SERVICE(3, "no virtual service stands at its destination, and no realserver at its source"),
    OWN_ADDRESS(4, "a realserver answers the director itself");

    private final int number;
    private final String sentence;

    PassReason(int number, String sentence) {
        this.number = number;
        this.sentence = sentence;
    }

    int number() {
        return number;
    }

    String sentence() {
        return sentence;
    }

    /** The one with this number. */
    static PassReason of(int number) {
        for (PassReason reason : values()) if (reason.number == number) return reason;
        throw new IllegalArgumentException("no pass reason " + number);
    }
}
