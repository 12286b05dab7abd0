/**
 * Job: prepares a machine to receive for direct routing and tunnels, and undoes all of it.
 * May use: model, linux.
 * Owner thread: main.
 * Entry type: {@link io.evenkeel.realserver.Preparation}.
 * Source: ip-sysctl of the kernel's documentation; RFC 2003, 2784, 4213, 6040; draft-ietf-intarea-gue.
 */
@NullMarked
package io.evenkeel.realserver;

import org.jspecify.annotations.NullMarked;
