/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What makes a packet the same again after every run of a test run, which by itself goes on with what the run before
 * left: its octets, the room before them, and, where a row has many clients, the next one's address. And the count of
 * what came out, which proves the path that was timed.
 */
#ifndef EVENKEEL_BENCH_WRAPPED_H
#define EVENKEEL_BENCH_WRAPPED_H

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define EKB_FRAME 64		/* octets of a frame, all of them restored */
#define EKB_VERDICTS 8
#define EKB_CLIENTS 16		/* of one cache line of the order */
#define EKB_SOURCE_AT 26	/* the client's IPv4 address in the frame */

/* What a stub does in place of the program. Java: Wrapper.Stub. */
enum ekb_stub {
	EKB_NOTHING = 0,
	EKB_READ = 1,		/* one cache line of the flow table, at random */
	EKB_READ_IN_TURN = 2,	/* the same, and the next client is known only when it has come */
	EKB_GROW = 3,		/* room for outer headers */
	EKB_REMEMBER_ROUTE = 4,	/* not timed: the way to the frame's destination, as if it had been looked up */
	EKB_TELL_TURN = 5,	/* not timed: the next turn of a service */
};

/* Map ekb_state, one entry. Java: Wrapper. */
struct ekb_state {
	__u64 verdicts[EKB_VERDICTS];
	__u64 spoilt;			/* packets that were not as long as at first after they had been restored */
	__u64 sum;			/* of what was read: so that it has to be */
	__u64 turn;			/* answered */
	__u32 next;			/* in the order */
	__u32 mask;			/* clients - 1; 0: one */
	__u32 grown;			/* octets that the program puts before the packet */
	__u32 stub;
	__u32 table_mask;		/* of what is read: buckets - 1 */
	__u32 zero;			/* always; but the compiler does not know */
	__u32 service;			/* whose turn is asked */
	__u32 interface;		/* of the route */
	__u8 frame[EKB_FRAME];
};

_Static_assert(offsetof(struct ekb_state, frame) == 120, "Java knows where its members lie");

struct ekb_clients {
	__be32 address[EKB_CLIENTS];
};

/* Pinned for a moment after loading, so that Java finds them. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ekb_state);
} ekb_state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__uint(max_entries, 65536);	/* a million clients */
	__type(key, __u32);
	__type(value, struct ekb_clients);
} ekb_order SEC(".maps");

static __always_inline struct ekb_state *ekb_state_at(__u32 index)
{
	return bpf_map_lookup_elem(&ekb_state, &index);
}

static __always_inline __be32 ekb_client(__u32 nth)
{
	__u32 line = nth / EKB_CLIENTS;
	struct ekb_clients *clients = bpf_map_lookup_elem(&ekb_order, &line);

	return clients ? clients->address[nth % EKB_CLIENTS] : 0;
}

/* Counts the verdict, and answers it. */
static __always_inline int ekb_restore(struct xdp_md *ctx, struct ekb_state *state, int verdict)
{
	__u64 *from = (__u64 *)state->frame, *to;
	void *end;
	int i;

	state->verdicts[verdict & (EKB_VERDICTS - 1)]++;
	if (state->grown && bpf_xdp_adjust_head(ctx, state->grown))
		state->spoilt++;
	to = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if ((void *)to + EKB_FRAME != end)
		state->spoilt++;
	if ((void *)to + EKB_FRAME > end)
		return XDP_ABORTED;
#pragma unroll
	for (i = 0; i < EKB_FRAME / 8; i++)
		to[i] = from[i];
	if (state->mask) {
		state->next = (state->next + 1) & state->mask;
		*(__be32 *)((void *)to + EKB_SOURCE_AT) = ekb_client(state->next);
	}
	return verdict;
}

#endif
