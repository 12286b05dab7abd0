package io.evenkeel.dataplane;

/** What a plane may send to a realserver now: verdict, operator's wish, weight and quorum folded into one word. */
public enum Usability {
    /** New turns and flows, and existing ones. */
    OPEN,
    /** Existing flows; new ones only while nobody is OPEN. */
    SUSPECT,
    /** Existing flows only (draining or quiesced). */
    HOLDING,
    /** Nothing: the next packet of every flow moves (failed, removed, or replaced by the sorry server). */
    SHUT
}
