package io.evenkeel.dataplane.kernel;

/** What became of a packet: {@code enum ek_verdict}. Each pass through a program ends in exactly one. */
public enum KernelVerdict {
    /** Ends inside its Ethernet or VLAN header: passed up. */
    PASS_TRUNCATED(0, "EK_VERDICT_PASS_TRUNCATED"),
    /** Neither IPv4 nor IPv6: passed up. */
    PASS_OTHER(1, "EK_VERDICT_PASS_OTHER"),
    /** IPv4, passed up. */
    PASS_IPV4(2, "EK_VERDICT_PASS_IPV4"),
    /** IPv6, passed up. */
    PASS_IPV6(3, "EK_VERDICT_PASS_IPV6");

    /** EK_VERDICTS. */
    static final int COUNT = values().length;

    private final int number;
    private final String constant;

    KernelVerdict(int number, String constant) {
        this.number = number;
        this.constant = constant;
    }

    int number() {
        return number;
    }

    /** Its name in C. */
    String constant() {
        return constant;
    }
}
