package io.evenkeel.model;

/** How a packet reaches its realserver: keepalived's {@code lb_kind}. */
public sealed interface Forwarding {

    /** {@code NAT}, {@code DR} or {@code TUN}, as in {@code lb_kind} and in status. */
    String word();

    /** Addresses and ports are rewritten; replies come back through the director. */
    record Nat() implements Forwarding {
        @Override
        public String word() {
            return "NAT";
        }
    }

    /** Direct routing: only the link-layer destination changes; the realserver answers from the VIP itself. */
    record DirectRouting() implements Forwarding {
        @Override
        public String word() {
            return "DR";
        }
    }

    /**
     * The packet travels whole inside another.
     *
     * @param kind the encapsulation
     * @param port the UDP port of {@code gue}; 0 for the others
     */
    record Tunnel(Encapsulation kind, int port) implements Forwarding {
        @Override
        public String word() {
            return "TUN";
        }
    }

    /** The encapsulations of {@code lb_kind TUN type …}. */
    enum Encapsulation {
        IPIP,
        GUE,
        GRE
    }
}
