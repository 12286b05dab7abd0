package io.evenkeel.dataplane.kernel;

/**
 * One row: what packet meets which service, which way it must take, and what the first target is.
 *
 * @param service the slot of the service that counts it; −1 for none
 * @param first what each client sends before anything is measured
 * @param grown octets that the program puts before the packet
 * @param target null for a row that is only told
 * @param katran what comes nearest among Katran's rows; empty for none
 */
record Row(
        String name,
        String title,
        byte[] frame,
        byte[] first,
        int service,
        Way way,
        Clients clients,
        int grown,
        Target target,
        String katran) {

    /** What must have become of every packet, and what took part in it. */
    enum Way {
        TURN("forwarded, one turn each"),
        HASH("forwarded, no turn"),
        FLOW("forwarded, no turn, no new flow"),
        NEW_FLOW("forwarded, one turn and one new flow each"),
        REPLY("replies"),
        PASS("passed up");

        final String words;

        Way(String words) {
            this.words = words;
        }
    }

    /**
     * Who sends.
     *
     * @param flows how many clients have a flow, and come in random order; 1: the frame's own
     * @param fresh so many clients without a flow send once each round; 0: those with one send
     */
    record Clients(int flows, int fresh) {
        static final Clients ONE = new Clients(1, 0);

        boolean many() {
            return flows > 1;
        }
    }

    /** A first target, in bare XDP_TX: printed beside what was measured, never asserted. */
    sealed interface Target {
        record AtMost(double figure) implements Target {}

        /** So many times a random read in a table of that size, and the cost of a hit with one flow, and this. */
        record ReadAndHit(double reads, double more) implements Target {}
    }
}
