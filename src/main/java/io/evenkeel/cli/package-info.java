/**
 * Job: what a person types; the only room that writes to a terminal or maps exit codes.
 * May use: all rooms.
 * Owner thread: main.
 * Entry type: {@link io.evenkeel.cli.Main}.
 * Source: sysexits(3) for 64, 69 and 70.
 */
@NullMarked
package io.evenkeel.cli;

import org.jspecify.annotations.NullMarked;
