package io.evenkeel.dataplane;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Protocol;
import java.util.Optional;

/**
 * Where would this packet go? Nobody sends it.
 *
 * @param source the client's; with {@code reply} the realserver's
 * @param destination what the client asks; with {@code reply} the client's
 * @param reply a realserver sends it to a client
 */
public record Question(Protocol protocol, Endpoint source, Endpoint destination, boolean reply) {

    /** Why there can be no such packet, in a sentence; empty if there can. */
    public Optional<String> contradiction() {
        for (Endpoint end : new Endpoint[] {source, destination}) {
            if (end.port() == 0) return Optional.of(end + " has port 0, which no packet has");
        }
        // A reply may pass from one family to the other: realservers need not be of the VIP's.
        if (reply || source.address().v6() == destination.address().v6()) return Optional.empty();
        return Optional.of(source + " and " + destination + " are of different address families");
    }
}
