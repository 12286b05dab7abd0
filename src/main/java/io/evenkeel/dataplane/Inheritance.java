package io.evenkeel.dataplane;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.ServiceKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a plane found in force when it took over from a process that had left or died: the last health view, which held
 * until now. Immutable.
 *
 * @param services realservers by service and endpoint
 */
public record Inheritance(Map<ServiceKey, Map<Endpoint, Server>> services) {

    /** There was nothing. */
    public static final Inheritance NONE = new Inheritance(Map.of());

    /**
     * A realserver as it was left.
     *
     * @param forwarded datagrams or connections that it had been sent by then
     */
    public record Server(Usability usability, long forwarded) {}

    public Inheritance {
        services = Map.copyOf(services);
    }

    /** How a realserver was left; null if it was not there. */
    public @Nullable Server of(ServiceKey service, Endpoint realserver) {
        return services.getOrDefault(service, Map.of()).get(realserver);
    }
}
