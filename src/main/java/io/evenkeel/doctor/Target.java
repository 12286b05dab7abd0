package io.evenkeel.doctor;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.VirtualService;
import java.util.ArrayList;
import java.util.List;

/** A realserver or sorry server of a service, as the way to it matters. Immutable. */
record Target(Endpoint endpoint, Forwarding forwarding, boolean sorry) {

    /** All of a service, in the file's order, the sorry server last. */
    static List<Target> of(VirtualService service) {
        List<Target> all = new ArrayList<>();
        for (RealServer server : service.realServers()) {
            all.add(new Target(server.endpoint(), server.forwarding(), false));
        }
        service.sorryServer().ifPresent(s -> all.add(new Target(s.endpoint(), s.forwarding(), true)));
        return all;
    }

    IpAddress address() {
        return endpoint.address();
    }

    /** {@code realserver 192.0.2.21:514}. */
    String named() {
        return (sorry ? "sorry server " : "realserver ") + endpoint;
    }
}
