package io.evenkeel.traffic;

import java.io.Serializable;

/** From which sockets a run sends. */
public sealed interface SocketUse extends Serializable {

    /** More sockets than this at once are refused: the usual limit of open files would end the run anyway. */
    int MAX_CLIENTS = 16_384;

    /** One socket for everything: the hardest case for a balancer that spreads flows. */
    record One() implements SocketUse {}

    /** {@code clients} sockets in turn, each a client of its own. */
    record Each(int clients) implements SocketUse {
        public Each {
            if (clients < 1 || clients > MAX_CLIENTS) throw new IllegalArgumentException("clients: " + clients);
        }
    }

    /**
     * A new socket for every datagram, closed once it is answered or given up.
     *
     * @param firstPort the n-th datagram leaves from source n mod sources, port firstPort + n / sources, so that every
     *     datagram has its own address and port; 0 lets the kernel choose
     */
    record Fresh(int firstPort) implements SocketUse {}
}
