// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The kernel plane's object for bench/kernel: the plane's own source, unchanged, where the two programs that the loader
 * asks for are the wrapped program and a wrapped stub. Its maps are the plane's, written by the plane's own code.
 */
#define ek_ingress ek_bare_ingress
#define ek_explain ek_bare_explain
#include "evenkeel.bpf.c"
#undef ek_ingress
#undef ek_explain

#include "wrapped.h"

SEC("xdp")
int ek_ingress(struct xdp_md *ctx)
{
	struct ekb_state *state = ekb_state_at(0);

	if (!state)
		return XDP_ABORTED;
	return ekb_restore(ctx, state, ek_way(ctx, NULL));
}

static __always_inline void ekb_read(struct xdp_md *ctx, struct ekb_state *state)
{
	void *data = (void *)(long)ctx->data;
	struct ek_flow_bucket *bucket;
	__u64 mix;

	if (data + EKB_FRAME > (void *)(long)ctx->data_end)
		return;
	mix = *(__be32 *)(data + EKB_SOURCE_AT) * EK_MIX_1;
	bucket = ek_flows_at((__u32)(mix >> 32) & state->table_mask);
	if (!bucket)
		return;
	if (state->stub == EKB_READ_IN_TURN)
		state->next += (__u32)bucket->flow[0].tag & state->zero;
	else
		state->sum += bucket->flow[0].tag;
}

static __always_inline void ekb_remember_route(struct ekb_state *state)
{
	const __be32 *client = (__be32 *)&state->frame[EKB_SOURCE_AT + 4];
	struct ek_known_route *known = ek_route_of(client, 0);
	struct ek_control *control = ek_control_at(0);

	if (!control || !known)
		return;
	__builtin_memset(known, 0, sizeof(*known));
	known->client.word[0] = *client;
	known->route.interface = state->interface;
	known->route.epoch = control->routes_epoch;
	known->route.mtu = 1500;
}

static __always_inline int ekb_stub(struct xdp_md *ctx, struct ekb_state *state)
{
	struct ek_turn *turn;

	if (state->stub == EKB_READ || state->stub == EKB_READ_IN_TURN) {
		ekb_read(ctx, state);
	} else if (state->stub == EKB_GROW) {
		if (bpf_xdp_adjust_head(ctx, -(int)state->grown))
			return XDP_ABORTED;
	} else if (state->stub == EKB_REMEMBER_ROUTE) {
		ekb_remember_route(state);
	} else if (state->stub == EKB_TELL_TURN) {
		turn = ek_turns_at(state->service);
		if (turn)
			state->turn = turn->next;
	}
	return XDP_TX;
}

SEC("xdp")
int ek_explain(struct xdp_md *ctx)
{
	struct ekb_state *state = ekb_state_at(0);

	if (!state)
		return XDP_ABORTED;
	return ekb_restore(ctx, state, ekb_stub(ctx, state));
}
