package io.evenkeel.director;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.ServiceKey;

/**
 * Names one running check.
 *
 * @param id given once; a check that a reload changed is another one
 */
record CheckRef(ServiceKey service, Endpoint realserver, long id) {

    /** For thread names and logs. */
    String label() {
        return service + "/" + realserver;
    }
}
