/**
 * Job: numbered senders, echo servers and the audit that joins them; shared by demo, lab and bench.
 * May use: linux.
 * Owner thread: the caller's.
 * Entry type: {@link io.evenkeel.traffic.NumberedSender}.
 * Source: the scenario rig: magic, client, sequence, time, CRC.
 */
@NullMarked
package io.evenkeel.traffic;

import org.jspecify.annotations.NullMarked;
