/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The table of flows: two buckets of one cache line for each key, exact keys, no chains, no lock (abi.h says what a flow
 * is). A flow whose time is over is as good as none, whether or not the sweeper has freed its place.
 */
#ifndef EVENKEEL_FLOW_H
#define EVENKEEL_FLOW_H

#include <stddef.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "clock.h"
#include "count.h"
#include "load.h"
#include "maps.h"
#include "place.h"
#include "scratch.h"
#include "tcp.h"
#include "view.h"

/* What a flow says; nothing, if `flow` is NULL. */
struct ek_found {
	struct ek_flow *flow;
	__u64 value;
};

static __always_inline __u32 ek_owner(__u64 value)
{
	return value >> 48;
}

static __always_inline __u16 ek_generation(__u64 value)
{
	return value >> 32;
}

static __always_inline __u32 ek_last(__u64 value)
{
	return value >> 8 & EK_TICK_MASK;
}

static __always_inline __u32 ek_state(__u64 value)
{
	return value & EK_FLOW_STATE_MASK;
}

static __always_inline __u64 ek_value(__u32 owner, __u16 generation, __u32 now, __u32 state)
{
	return (__u64)owner << 48 | (__u64)generation << 32 | (__u64)now << 8 | state;
}

/* The same flow, with another state, now. */
static __always_inline __u64 ek_renewed(__u64 value, __u32 now, __u32 state)
{
	return (value & ~0xffffffffULL) | now << 8 | state;
}

static __always_inline void ek_make_key(struct ek_key *key, const struct ek_view *view, const __be32 *address,
					__u16 port, __u16 group, const int v6)
{
	__u64 mix;

	key->tag = (__u64)port << 16 | group;
	if (!v6)
		key->tag |= (__u64)address[0] << 32;
	mix = (key->tag ^ view->control->flow_seed) * EK_MIX_1;
	mix ^= mix >> 32;
	if (v6) {
		__builtin_memcpy(key->address, address, sizeof(key->address));
		mix = (mix ^ ((__u64)address[0] << 32 | address[1])) * EK_MIX_1;
		mix ^= mix >> 32;
		mix = (mix ^ ((__u64)address[2] << 32 | address[3])) * EK_MIX_1;
		mix ^= mix >> 32;
	}
	mix *= EK_MIX_2;
	key->bucket[0] = (__u32)(mix ^ mix >> 32);
	key->bucket[1] = mix >> 32;
}

/* One place of a bucket, or NULL. */
static __always_inline struct ek_flow *ek_place_of(const struct ek_control *control, __u32 bucket, __u32 nth,
						   const int v6)
{
	struct ek_flow_bucket *narrow;
	struct ek_wide_bucket *wide;

	if (v6) {
		wide = ek_wide_flows_at(bucket & control->sizes.wide_flow_mask);
		return wide ? &wide->wide[nth & 1].flow : NULL;
	}
	narrow = ek_flows_at(bucket & control->sizes.flow_mask);
	return narrow ? &narrow->flow[nth & 3] : NULL;
}

static __always_inline __be32 *ek_client_of(struct ek_flow *flow)
{
	return ((struct ek_wide_flow *)((void *)flow - offsetof(struct ek_wide_flow, flow)))->client;
}

/* Which place of a bucket has this key; as many as there are: none. */
static __always_inline __u32 ek_nth(const struct ek_key *key, const struct ek_view *view, __u32 bucket, const int v6)
{
	struct ek_flow *first = ek_place_of(view->control, bucket, 0, v6), *flow;
	__u32 nth = v6 ? 2 : 4;
	int i;

	if (!first)
		return nth;
#pragma unroll
	for (i = 0; i < (v6 ? 2 : 4); i++) {
		flow = v6 ? (void *)first + i * sizeof(struct ek_wide_flow) : first + i;
		if (*(volatile __u64 *)&flow->tag == key->tag &&
		    (!v6 || ek_same_address(ek_client_of(flow), key->address, 1)))
			nth = i;
	}
	return nth ^ view->control->zero;
}

/* Looks into one bucket. */
static __always_inline int ek_find_in(struct ek_found *found, const struct ek_key *key, const struct ek_view *view,
				      __u32 bucket, const int v6)
{
	__u32 nth = ek_nth(key, view, bucket, v6);
	struct ek_flow *flow;

	if (nth > (v6 ? 1 : 3))
		return 0;
	flow = ek_place_of(view->control, bucket, nth, v6);
	if (!flow)
		return 0;
	found->value = *(volatile __u64 *)&flow->value;
	ek_barrier();
	if (*(volatile __u64 *)&flow->tag != key->tag)
		return 0;	/* given to another meanwhile */
	found->flow = flow;
	return 1;
}

static __always_inline int ek_find(struct ek_found *found, const struct ek_key *key, const struct ek_view *view,
				   const int v6)
{
	return ek_find_in(found, key, view, key->bucket[0], v6) || ek_find_in(found, key, view, key->bucket[1], v6);
}

static __always_inline int ek_over(const struct ek_view *view, const struct ek_service *service, __u64 value,
				   __u32 now)
{
	__u32 state = ek_state(value), life = view->control->lives[state];

	if (!life)
		life = state == EK_TEMPLATE ? service->template_life : service->life;
	return ek_age(now, ek_last(value)) > life;
}

static __always_inline int ek_is_flow(__u32 state)
{
	return state != EK_NOTE && state != EK_TEMPLATE;
}

/* A flow, no note or template, has left its realserver. */
static __always_inline void ek_forget(const struct ek_view *view, __u64 value)
{
	__u32 owner = ek_owner(value);
	struct ek_server *server;

	if (!value || !ek_is_flow(ek_state(value)))
		return;		/* nobody's, or already the sweeper's */
	server = ek_server(view, owner);
	if (server)
		ek_load_end(owner, server, ek_state(value));
}

/* Index of the service that a flow, note or template belongs to, or EK_NOWHERE. */
static __always_inline __u32 ek_service_of_flow(const struct ek_view *view, __u64 value)
{
	struct ek_server *server;

	if (ek_state(value) == EK_NOTE)
		return ek_owner(value);
	server = ek_server(view, ek_owner(value));
	return server ? server->service : EK_NOWHERE;
}

/* Who makes room for a newcomer, in this order. */
enum ek_leaving {
	EK_FREE_PLACE = 0,
	EK_OVER = 1,		/* or of nobody any more */
	EK_HALF_OPEN = 2,	/* or as good as over */
	EK_LEAVING = 3,
};

static __always_inline int ek_leaves(const struct ek_view *view, const struct ek_flow *flow, __u64 tag, __u32 why,
				     __u32 now)
{
	__u64 value = *(const volatile __u64 *)&flow->value;
	__u32 state = ek_state(value);
	struct ek_service *service;

	if (why == EK_FREE_PLACE || !tag || tag == EK_FLOW_BUSY)
		return why == EK_FREE_PLACE && !tag;
	if (why == EK_HALF_OPEN)
		return state == EK_TCP_SYN_RECV || state == EK_TCP_SYN_SENT || state == EK_TCP_NONE ||
		       state == EK_TCP_CLOSE || state == EK_TCP_TIME_WAIT;
	service = ek_service(view, ek_service_of_flow(view, value));
	return !service || ek_over(view, service, value, now);
}

/* Takes a place, if it still holds `before`, and writes the flow. */
static __always_inline int ek_take(const struct ek_view *view, struct ek_flow *flow, __u64 before,
				   const struct ek_key *key, __u64 value, const int v6)
{
	__u64 old;

	if (__sync_val_compare_and_swap(&flow->tag, before, (__u64)EK_FLOW_BUSY) != before)
		return 0;
	/* At once: who found the flow before may still renew it, and shift its load with its state. */
	old = __sync_lock_test_and_set(&flow->value, value);
	if (before)
		ek_forget(view, old);
	if (v6)
		__builtin_memcpy(ek_client_of(flow), key->address, sizeof(key->address));
	ek_barrier();
	*(volatile __u64 *)&flow->tag = key->tag;
	return 1;
}

static __always_inline int ek_make_of(const struct ek_view *view, const struct ek_key *key, __u64 value, __u32 look,
				      const int v6)
{
	__u32 now = ek_last(value), places = v6 ? 2 : 4, why, i;
	struct ek_flow *flow;
	__u64 tag;

	for (why = 0; why < EK_LEAVING; why++) {
		for (i = 0; i < 2 * places; i++) {
			flow = ek_place_of(view->control, key->bucket[i / places & 1], i, v6);
			if (!flow)
				continue;
			tag = *(volatile __u64 *)&flow->tag;
			if (ek_leaves(view, flow, tag, why, now) &&
			    (look || ek_take(view, flow, tag, key, value, v6)))
				return 0;
		}
	}
	return -1;
}

static __always_inline int ek_look_as(struct ek_view *view, __u32 half)
{
	view->control = ek_control_at(0);
	view->half = half & 1;
	return view->control ? 0 : -1;
}

/* Makes a flow, or only looks whether it could. Answers 0, or -1 when there is no room. */
__attribute__((noinline)) int ek_make(__u32 half, const struct ek_key *key, __u64 value, __u32 look, __u32 v6)
{
	struct ek_view view = {};

	if (!key || ek_look_as(&view, half))
		return -1;
	return v6 ? ek_make_of(&view, key, value, look, 1) : ek_make_of(&view, key, value, look, 0);
}

/* A flow's packet was seen: its time begins anew, and its state is this. */
static __always_inline void ek_touch(const struct ek_found *found, __u32 now, __u32 state)
{
	__u64 value = found->value, next = ek_renewed(value, now, state);

	if (!found->flow || next == value || __sync_val_compare_and_swap(&found->flow->value, value, next) != value)
		return;		/* another CPU was first; it has the flow's next packet or its answer */
	if (ek_is_flow(state & EK_FLOW_STATE_MASK))
		ek_load_shift(ek_owner(value), ek_state(value), state);
}

#endif
