package io.evenkeel.lab;

/** A cable between two nodes: a veth pair, each end named after the other's role. Made by {@link Lab#link}. */
public record Link(Node left, String leftDevice, Node right, String rightDevice) {

    private static final long MEND_MILLIS = 5_000;
    private static final long LINK_WATCH_MILLIS = 1_100;

    /** Takes the cable out: the left end goes down, the right end loses its carrier. Routes of the left end go too. */
    public void cut() {
        left.ip("link", "set", leftDevice, "down");
    }

    /** Puts it back and waits until both ends pass packets. */
    public void mend() throws InterruptedException {
        left.ip("link", "set", leftDevice, "up");
        for (long waited = 0; !(passes(left, leftDevice) && passes(right, rightDevice)); waited += 10) {
            if (waited > MEND_MILLIS) throw new IllegalStateException("the link did not come back");
            Thread.sleep(10);
        }
        // The kernel's link watcher works through what happened once a second; until then a queue may still discard.
        Thread.sleep(LINK_WATCH_MILLIS);
    }

    private static boolean passes(Node node, String device) {
        return node.run("ip", "-o", "link", "show", "dev", device).contains("state UP");
    }

    /**
     * Computes checksums and segments in software on both ends, as packets on a real wire have them: without this a veth
     * hands over half-done checksums and unsegmented aggregates.
     */
    public Link withoutOffloads() {
        left.run("ethtool", "-K", leftDevice, "tx", "off", "gso", "off", "gro", "off");
        right.run("ethtool", "-K", rightDevice, "tx", "off", "gso", "off", "gro", "off");
        return this;
    }

    /**
     * What native XDP on a veth needs of both ends: whole checksums from who sends, and NAPI, which GRO switches on, at
     * who receives what was redirected. Otherwise packets vanish without a trace.
     */
    public Link readyForXdp() {
        left.run("ethtool", "-K", leftDevice, "tx", "off", "gro", "on");
        right.run("ethtool", "-K", rightDevice, "tx", "off", "gro", "on");
        return this;
    }
}
