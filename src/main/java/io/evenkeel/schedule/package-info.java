/**
 * Job: schedulers as pure code: compiled once per change, picked mechanically per packet.
 * May use: model.
 * Owner thread: none; compiled schedules are immutable, pickers belong to one plane worker.
 * Entry type: {@link io.evenkeel.schedule.Schedule}.
 * Source: IPVS schedulers, to the bit for sh, mh and dh; earliest deadline first for rr and wrr.
 */
@NullMarked
package io.evenkeel.schedule;

import org.jspecify.annotations.NullMarked;
