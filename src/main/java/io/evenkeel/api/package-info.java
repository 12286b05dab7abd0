/**
 * Job: control socket and status document: questions answered from a published snapshot.
 * May use: director, dataplane, model.
 * Owner thread: ek-control accepts; a virtual thread per connection.
 * Entry type: {@link io.evenkeel.api.ControlServer}.
 * Source: docs/status.schema.json.
 */
@NullMarked
package io.evenkeel.api;

import org.jspecify.annotations.NullMarked;
