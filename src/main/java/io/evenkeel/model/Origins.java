package io.evenkeel.model;

import java.util.Map;
import java.util.Optional;

/**
 * Where the parts of a {@link Configuration} were written: kept beside the model, so that two files that mean the same
 * are equal. Planes and compilers report against it.
 *
 * @param services the {@code virtual_server} line of each service
 * @param keywords a keyword within a service, as {@code key + " " + keyword}, e.g. {@code "192.0.2.1:53/udp lb_kind"};
 *     for realservers {@code key + " " + endpoint}
 */
public record Origins(Map<ServiceKey, Position> services, Map<String, Position> keywords) {

    public static final Origins NONE = new Origins(Map.of(), Map.of());

    public Origins {
        services = Map.copyOf(services);
        keywords = Map.copyOf(keywords);
    }

    /** The keyword's own position, else the service's. */
    public Optional<Position> of(ServiceKey service, String keyword) {
        Position own = keywords.get(service + " " + keyword);
        return own != null ? Optional.of(own) : Optional.ofNullable(services.get(service));
    }
}
