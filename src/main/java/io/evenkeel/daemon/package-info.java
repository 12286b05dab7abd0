/**
 * Job: composition root: builds planes, owns threads, signals and the runtime directory, loads configuration.
 * May use: all rooms but traffic, demo and cli.
 * Owner thread: main; it names and starts every other thread.
 * Entry type: {@link io.evenkeel.daemon.Daemon}.
 * Source: keepalived's signals; XDG base directories.
 */
@NullMarked
package io.evenkeel.daemon;

import org.jspecify.annotations.NullMarked;
