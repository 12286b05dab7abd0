/**
 * Job: the one loop that owns the truth: configuration, verdicts, intents, tables.
 * May use: model, schedule, dataplane, health.
 * Owner thread: ek-director; everybody else posts to its mailbox and reads published snapshots.
 * Entry type: {@link io.evenkeel.director.Director}.
 * Source: DESIGN sections 3 and 4.
 */
@NullMarked
package io.evenkeel.director;

import org.jspecify.annotations.NullMarked;
