/**
 * Job: the contract between control and forwarding: table, plane, limits, reasons, counters, events.
 * May use: model, schedule.
 * Owner thread: the director's thread calls a plane; workers answer by events.
 * Entry type: {@link io.evenkeel.dataplane.DataPlane}.
 * Source: DESIGN section 4.
 */
@NullMarked
package io.evenkeel.dataplane;

import org.jspecify.annotations.NullMarked;
