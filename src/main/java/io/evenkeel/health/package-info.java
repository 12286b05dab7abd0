/**
 * Job: probes of realservers and the rules that turn outcomes into verdicts and quorum.
 * May use: model, linux.
 * Owner thread: virtual check/service/server threads, ek-probe for native probes, ek-spawn for children.
 * Entry type: {@link io.evenkeel.health.Probes}.
 * Source: keepalived's checkers, their retry and delay semantics, its quorum formulas.
 */
@NullMarked
package io.evenkeel.health;

import org.jspecify.annotations.NullMarked;
