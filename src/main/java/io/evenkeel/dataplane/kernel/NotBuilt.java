package io.evenkeel.dataplane.kernel;

import io.evenkeel.dataplane.ForwardedServer;
import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.schedule.Rotation;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What the kernel plane cannot do yet, said for the service that asks for it: never done by halves. Pure; any thread. */
final class NotBuilt {
    private static final String REMEDY = "use --plane socket";

    private NotBuilt() {}

    /** The first thing in the table that is not built, if any. */
    static Optional<Preparation.Denied> in(ForwardingTable table) {
        Map<Endpoint, ServiceKey> endpoints = new HashMap<>();
        for (ForwardedService service : table.services()) {
            Optional<String> what = in(service);
            if (what.isPresent()) return Optional.of(denied(service, what.get()));
            for (ForwardedServer server : service.servers()) {
                ServiceKey other = endpoints.put(server.endpoint(), service.key());
                if (other != null) {
                    return Optional.of(denied(service, "realserver " + server.endpoint() + " also serves " + other));
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> in(ForwardedService service) {
        if (service.key().vip().address().v6()) return Optional.of("IPv6");
        if (service.key().protocol() != Protocol.UDP) return Optional.of("TCP");
        if (service.key().vip().address().isAny() || service.key().vip().port() == 0) {
            return Optional.of("a virtual service on any address or port");
        }
        if (!service.onePacket()) return Optional.of("a UDP service without ops");
        if (!(service.schedule() instanceof Rotation)) return Optional.of("a scheduler other than rr and wrr");
        if (service.persistence() != null) return Optional.of("persistence");
        if (service.proxyProtocol()) return Optional.of("proxy_protocol");
        for (ForwardedServer server : service.servers()) {
            if (server.endpoint().address().v6()) return Optional.of("a realserver of another family");
            if (!(server.forwarding() instanceof Forwarding.Nat)) {
                return Optional.of("lb_kind " + server.forwarding().word());
            }
            if (server.upperThreshold() > 0) return Optional.of("uthreshold");
        }
        return Optional.empty();
    }

    private static Preparation.Denied denied(ForwardedService service, String what) {
        return new Preparation.Denied(
                Optional.of(service.key()), new Refused("the kernel plane cannot do this yet: " + what, REMEDY));
    }
}
