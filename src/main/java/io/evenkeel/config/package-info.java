/**
 * Job: text to syntax tree with positions to model, and every diagnostic on the way.
 * May use: model.
 * Owner thread: none; called off the director's thread.
 * Entry type: {@link io.evenkeel.config.ConfigurationLoader}.
 * Source: keepalived.conf grammar and keywords.
 */
@NullMarked
package io.evenkeel.config;

import org.jspecify.annotations.NullMarked;
