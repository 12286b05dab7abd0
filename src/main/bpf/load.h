/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What each realserver carries, over all CPUs: written when a flow begins, ends, or becomes active or inactive, by whoever
 * won the flow's word. Java's sweeper does the same with the flows that it ends.
 */
#ifndef EVENKEEL_LOAD_H
#define EVENKEEL_LOAD_H

#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "maps.h"

/* States in which IPVS counts a connection as active. */
#define EK_ACTIVE_STATES (1 << EK_TCP_ESTABLISHED | 1 << EK_TCP_SYN_SENT | 1 << EK_TCP_SYN_RECV | 1 << EK_TCP_SYNACK)

static __always_inline int ek_active(__u32 state)
{
	return EK_ACTIVE_STATES >> (state & EK_FLOW_STATE_MASK) & 1;
}

static __always_inline void ek_load_judge(struct ek_load *load, const struct ek_server *server)
{
	__u64 flows;

	if (!server->upper)
		return;
	flows = load->active + load->inactive;
	if (flows >= server->upper)
		load->overloaded = 1;
	else if (flows < server->lower)
		load->overloaded = 0;
}

static __always_inline void ek_load_begin(__u32 index, const struct ek_server *server, __u32 state)
{
	struct ek_load *load = ek_loads_at(index);

	if (!load)
		return;		/* cannot be: the verifier wants to hear it */
	ek_load_judge(load, server);	/* the mark may be of a table with other thresholds */
	__sync_fetch_and_add(ek_active(state) ? &load->active : &load->inactive, 1);
	ek_load_judge(load, server);
}

static __always_inline void ek_load_end(__u32 index, const struct ek_server *server, __u32 state)
{
	struct ek_load *load = ek_loads_at(index);

	if (!load)
		return;
	__sync_fetch_and_add(ek_active(state) ? &load->active : &load->inactive, -1);
	ek_load_judge(load, server);
}

static __always_inline void ek_load_shift(__u32 index, __u32 from, __u32 to)
{
	int step = ek_active(to) - ek_active(from);
	struct ek_load *load;

	if (!step)
		return;
	load = ek_loads_at(index);
	if (!load)
		return;
	__sync_fetch_and_add(&load->active, (__u64)step);
	__sync_fetch_and_add(&load->inactive, (__u64)-step);
}

#endif
