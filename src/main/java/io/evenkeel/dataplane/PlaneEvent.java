package io.evenkeel.dataplane;

/** What a plane tells the director, from its workers' threads. */
public sealed interface PlaneEvent {

    /**
     * A quoted ICMP error, or a refused connection, speaks against a realserver.
     *
     * @param generation the one the evidence is about; an older one is ignored
     * @param evidence for a person, e.g. {@code port unreachable from 192.0.2.7}
     * @param atNanos System.nanoTime when it was seen
     */
    record Suspicion(int serviceSlot, int serverSlot, int generation, String evidence, long atNanos)
            implements PlaneEvent {}

    /** A worker died of a bug; the process must end. */
    record WorkerFailed(int worker, Throwable cause) implements PlaneEvent {}
}
