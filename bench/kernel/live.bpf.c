// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The two ends of a live row: who sends frames out of an interface, from a test run that really sends, and who counts what
 * arrives at the far end and lets it go.
 */
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

char live_license[] SEC("license") = "Dual BSD/GPL";

#define LIVE_FRAME 64

/* Map live_state, one entry. Java: Live. */
struct live_state {
	__u64 arrived;
	__u64 strange;			/* of another length */
	__u32 interface;		/* out of which frames go */
	__u32 pad;
	__u8 frame[LIVE_FRAME];
};

_Static_assert(offsetof(struct live_state, frame) == 24, "Java knows where its members lie");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct live_state);
} live_state SEC(".maps");

static __always_inline struct live_state *live_state_at(__u32 index)
{
	return bpf_map_lookup_elem(&live_state, &index);
}

/* Frames come back from where they went, changed: all of it is written anew. */
SEC("xdp")
int live_send(struct xdp_md *ctx)
{
	struct live_state *state = live_state_at(0);
	__u64 *to = (void *)(long)ctx->data, *from;
	int i;

	if (!state || (void *)to + LIVE_FRAME > (void *)(long)ctx->data_end)
		return XDP_ABORTED;
	from = (void *)state->frame;
#pragma unroll
	for (i = 0; i < LIVE_FRAME / 8; i++)
		to[i] = from[i];
	return bpf_redirect(state->interface, 0);
}

SEC("xdp")
int live_count(struct xdp_md *ctx)
{
	struct live_state *state = live_state_at(0);

	if (!state)
		return XDP_ABORTED;
	if (ctx->data_end - ctx->data == LIVE_FRAME)
		state->arrived++;
	else
		state->strange++;
	return XDP_DROP;
}
