/**
 * Job: the kernel plane: next hops resolved beforehand, and the follower that keeps them fresh.
 * May use: dataplane, model, schedule, linux.
 * Owner thread: ek-netlink for the follower; each class says which thread may call it.
 * Entry type: {@link io.evenkeel.dataplane.kernel.NextHopFollower}.
 * Source: rtnetlink(7); RFC 826 and RFC 4861 for what neighbours do.
 */
@NullMarked
package io.evenkeel.dataplane.kernel;

import org.jspecify.annotations.NullMarked;
