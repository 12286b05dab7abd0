package io.evenkeel.doctor;

/**
 * A program at an interface. Immutable.
 *
 * @param text what it is called in a sentence, with its place
 * @param name its own name; empty if it may not be seen
 * @param hook {@code ingress} or {@code egress} of TC; empty at XDP
 * @param preference of a filter at the clsact qdisc; 0 if it is none
 * @param link the number of the BPF link that holds it there; 0 if none does
 */
record Program(String text, String name, String hook, int preference, int link) {
    static final String NATIVE = "native XDP";
    static final String GENERIC = "generic XDP";

    /** The command that takes it off. */
    String off(String device) {
        if (link != 0) return "bpftool link detach id " + link;
        if (preference != 0) return "tc filter del dev " + device + " " + hook + " pref " + preference;
        if (!hook.isEmpty()) return "bpftool net detach tcx_" + hook + " dev " + device;
        String mode = text.contains(GENERIC) ? "xdpgeneric" : text.contains(NATIVE) ? "xdpdrv" : "xdpoffload";
        return "ip link set dev " + device + " " + mode + " off";
    }
}
