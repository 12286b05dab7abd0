package io.evenkeel.traffic;

import java.io.Serializable;
import java.util.ArrayList;

/**
 * What a {@link TrafficProcess} asks of the {@link TrafficAgent} at the other end of its pipes. Both ends are the same
 * program, so requests and answers travel as serialised objects.
 */
sealed interface Order extends Serializable {

    /** Open another echo server; the answer is the list of its addresses. */
    record Serve(EchoServer.Settings settings) implements Order {}

    /** The answer is the {@link ServerRecord} of the echo server that was opened as the {@code number}-th, from 0. */
    record Report(int number) implements Order {}

    /**
     * Close the sockets of every echo server at once, as the kernel does for a process that died, but without the
     * milliseconds that taking a virtual machine down takes before. The answer is System.nanoTime of
     * that instant; records stay.
     */
    record Vanish() implements Order {}

    /** Open connections and keep them; the answer, once all are open, is {@link Done}. */
    record Connect(ConnectionKeeper.Plan plan) implements Order {}

    /** The answer is a list of {@link KeptConnection}. */
    record Connections() implements Order {}

    /** Start sending; the answer is {@link Done}. */
    record Send(SendPlan plan) implements Order {}

    /** The answer is a {@link NumberedSender.Progress}. */
    record HowFar() implements Order {}

    /** Stop sending before the count is reached; the answer is {@link Done}. */
    record StopSending() implements Order {}

    /** The answer, when the run has ended, is a {@link SendRecord}. */
    record AwaitEnd() implements Order {}

    /** Send these IPv4 packets, headers and all; needs CAP_NET_RAW; the answer is {@link Done}. */
    record SendRaw(ArrayList<byte[]> packets, int perSecond) implements Order {}

    /** An answer without content. */
    record Done() implements Serializable {}

    /** The answer when an order failed. */
    record Failed(String reason) implements Serializable {}
}
