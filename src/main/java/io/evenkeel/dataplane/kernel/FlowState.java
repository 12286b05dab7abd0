package io.evenkeel.dataplane.kernel;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a flow is in: {@code enum ek_flow_state}. TCP's states and the seconds that a connection may idle in each are IPVS's
 * (ip_vs_proto_tcp of Linux 6: the defaults that {@code ipvsadm --set} changes).
 */
enum FlowState {
    TCP_NONE(0, 2),
    TCP_ESTABLISHED(1, 900),
    TCP_SYN_SENT(2, 120),
    TCP_SYN_RECV(3, 60),
    TCP_FIN_WAIT(4, 120),
    TCP_TIME_WAIT(5, 120),
    TCP_CLOSE(6, 10),
    TCP_CLOSE_WAIT(7, 60),
    TCP_LAST_ACK(8, 30),
    TCP_LISTEN(9, 120),
    TCP_SYNACK(10, 120),
    UDP(11, 0),
    /** Who asked, of a one-packet service. */
    NOTE(12, 0),
    /** Where a client's new flows go. */
    TEMPLATE(13, 0);

    /** Numbers that there is room for. */
    static final int NUMBERS = 16;

    /** The bit of a state's octet that says that the realserver has been heard. */
    static final int ANSWERED = 16;

    /** And the one that says that the realserver knows the client by another port. */
    static final int TRANSLATED = 32;

    private final int number;
    private final int seconds;

    FlowState(int number, int seconds) {
        this.number = number;
        this.seconds = seconds;
    }

    int number() {
        return number;
    }

    /** Idle life in seconds; 0: the service says. */
    int seconds() {
        return seconds;
    }

    boolean tcp() {
        return number < UDP.number;
    }

    /** In IPVS's words, a connection in it is active. */
    boolean active() {
        return this == TCP_ESTABLISHED || this == TCP_SYN_SENT || this == TCP_SYN_RECV || this == TCP_SYNACK;
    }

    /** The state of a flow's value. */
    static Optional<FlowState> of(long value) {
        int number = (int) value & (NUMBERS - 1);
        return number < values().length ? Optional.of(values()[number]) : Optional.empty();
    }

    static Map<String, Integer> constants() {
        Map<String, Integer> constants = new HashMap<>(Map.of(
                "EK_TCP_STATES",
                UDP.number,
                "EK_FLOW_STATES",
                NUMBERS,
                "EK_FLOW_STATE_MASK",
                NUMBERS - 1,
                "EK_FLOW_ANSWERED",
                ANSWERED,
                "EK_FLOW_TRANSLATED",
                TRANSLATED));
        for (FlowState state : values()) constants.put("EK_" + state.name(), state.number);
        return constants;
    }
}
