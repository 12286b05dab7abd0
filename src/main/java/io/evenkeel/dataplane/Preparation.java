package io.evenkeel.dataplane;

import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import java.util.Optional;

/** What became of {@link DataPlane#prepare}. */
public sealed interface Preparation {

    /** Everything is opened and allocated; commit or abandon it. */
    non-sealed interface Ready extends Preparation {
        ForwardingTable table();
    }

    /**
     * The world said no; nothing has changed.
     *
     * @param service the service it is about, if one
     */
    record Denied(Optional<ServiceKey> service, Refused refused) implements Preparation {}
}
