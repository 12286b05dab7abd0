/**
 * Job: the values every room speaks in; no I/O, no clock, no thread.
 * May use: nothing.
 * Owner thread: none; immutable values cross threads freely.
 * Entry type: {@link io.evenkeel.model.Configuration}.
 * Source: keepalived's virtual_server, IPVS's words (DESIGN section 2).
 */
@NullMarked
package io.evenkeel.model;

import org.jspecify.annotations.NullMarked;
