/**
 * Job: examines the machine, with or without a configuration, and says what would go wrong and what mends it.
 * May use: model, linux.
 * Owner thread: none; {@link io.evenkeel.doctor.Survey} on a platform thread, all else on any.
 * Entry type: {@link io.evenkeel.doctor.Doctor}.
 * Source: docs/doctor.md; the kernel's ip-sysctl, ethtool(8), measurements on veth.
 */
@NullMarked
package io.evenkeel.doctor;

import org.jspecify.annotations.NullMarked;
