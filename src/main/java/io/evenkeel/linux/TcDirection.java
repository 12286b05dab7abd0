package io.evenkeel.linux;

/** Which packets of an interface a TC program sees. */
public enum TcDirection {
    /** Those that come in. */
    INGRESS(BpfLink.ATTACH_TCX_INGRESS, 1),
    /** Those that go out. */
    EGRESS(BpfLink.ATTACH_TCX_EGRESS, 2);

    private final int attachType;
    private final int attachPoint;

    TcDirection(int attachType, int attachPoint) {
        this.attachType = attachType;
        this.attachPoint = attachPoint;
    }

    /** As {@code enum bpf_attach_type} numbers it. */
    int attachType() {
        return attachType;
    }

    /** As libbpf's {@code enum bpf_tc_attach_point} numbers it. */
    int attachPoint() {
        return attachPoint;
    }

    /** {@code ingress} or {@code egress}, as tc(8) writes it. */
    public String word() {
        return this == INGRESS ? "ingress" : "egress";
    }
}
