/**
 * Job: the demo as a stream of events.
 * May use: traffic.
 * Owner thread: the caller's.
 * Entry type: {@link io.evenkeel.demo.Demo}.
 * Source: README.
 */
@NullMarked
package io.evenkeel.demo;

import org.jspecify.annotations.NullMarked;
