package io.evenkeel.model;

import java.util.Map;
import java.util.Optional;

/**
 * Where the parts of a {@link Configuration} were written: kept beside the model, so that two files that mean the same
 * are equal. Whoever judges a configuration reports against it.
 *
 * @param services the {@code virtual_server} line of each service
 * @param keywords a keyword within a service, as {@code key + " " + keyword}, e.g. {@code "192.0.2.1:53/udp lb_kind"};
 *     for realservers {@code key + " " + endpoint}
 */
public record Origins(Map<ServiceKey, Origin> services, Map<String, Origin> keywords) {

    public static final Origins NONE = new Origins(Map.of(), Map.of());

    public Origins {
        services = Map.copyOf(services);
        keywords = Map.copyOf(keywords);
    }

    /** The keyword's own place, else the service's. */
    public Optional<Origin> of(ServiceKey service, String keyword) {
        Origin own = keywords.get(service + " " + keyword);
        return own != null ? Optional.of(own) : Optional.ofNullable(services.get(service));
    }
}
