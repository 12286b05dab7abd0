/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The time in ticks (abi.h), which age flows. The clock is read at most once a jiffy and CPU; jiffies themselves are free,
 * but nobody can say how long one is.
 */
#ifndef EVENKEEL_CLOCK_H
#define EVENKEEL_CLOCK_H

#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "maps.h"

#define EK_TICK_MASK ((1U << EK_TICK_BITS) - 1)

static __always_inline __u32 ek_now(void)
{
	struct ek_clock *clock = ek_clocks_at(bpf_get_smp_processor_id());
	__u64 jiffies = bpf_jiffies64();

	if (!clock)
		return 0;	/* cannot be: the verifier wants to hear it */
	if (clock->jiffies != jiffies) {
		clock->tick = bpf_ktime_get_coarse_ns() >> EK_TICK_SHIFT & EK_TICK_MASK;
		clock->jiffies = jiffies;
	}
	return clock->tick;
}

#define EK_TICKS_AHEAD 16	/* by which another CPU's clock may be ahead of ours */

/* Ticks since then. */
static __always_inline __u32 ek_age(__u32 now, __u32 then)
{
	__u32 age = (now - then) & EK_TICK_MASK;

	return age > EK_TICK_MASK - EK_TICKS_AHEAD ? 0 : age;
}

#endif
