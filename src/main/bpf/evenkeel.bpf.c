// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The kernel plane's object: its programs' entries, one for each hook. The work is in the headers, one a job.
 *
 * Runs in the kernel on the CPU that received the packet, any number of CPUs at once. Needs Linux 5.15, and nothing but
 * the kernel's user headers and libbpf's to compile. GPL-compatible by its licence string, since some helpers ask for it.
 */
#include <stddef.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "count.h"
#include "egress.h"
#include "error.h"
#include "forward.h"
#include "maps.h"
#include "packet.h"
#include "piece.h"
#include "place.h"
#include "reply.h"
#include "view.h"

char ek_license[] SEC("license") = "Dual BSD/GPL";

const volatile struct ek_about ek_about = {
	.version = EK_ABI_VERSION,
	.reasons = EK_REASONS,
	.passes = EK_PASSES,
	.usabilities = EK_SHUT,
	.algorithms = EK_ALGORITHMS,
	.methods = EK_METHODS,
	.service_flags = EK_SHARES,
	.server_flags = EK_OUTER_V6,
	.flow_states = EK_FLOW_STATES,
	.flow_keys = EK_TEMPLATES,
	.ticks = EK_TICK_BITS,
	.next_hop_places = EK_HOP_LOCAL,
	.slot_values = EK_NOBODY,
	.outcomes = EK_DELIVERED,
	.told_by = EK_A_TEMPLATE,
	.pieces = EK_PIECES,
};

static __always_inline int ek_pass(enum ek_pass why, struct ek_explained *explained)
{
	if (explained) {
		explained->outcome = EK_PASSES_UP;
		explained->detail = why;
	} else {
		ek_count_pass(why);
	}
	return XDP_PASS;
}

static __always_inline int ek_come_back(struct xdp_md *ctx, struct ek_packet *packet, const struct ek_view *view,
					struct ek_explained *explained, const int v6)
{
	struct ek_answer answer = {};
	int reason = -1;

	if (packet->later)
		answer.index = ek_endpoint_of(view, ek_source(packet, v6), 0, packet->protocol | EK_PIECES, v6);
	else
		answer.index = ek_endpoint_of(view, ek_source(packet, v6), packet->ports[0], packet->protocol, v6);
	if (answer.index == EK_NOWHERE)
		return ek_pass(packet->later ? EK_PASS_OTHER : EK_PASS_NO_SERVICE, explained);
	if (ek_is_own(view->control, ek_destination(packet, v6), v6))
		return ek_pass(EK_PASS_OWN_ADDRESS, explained);
	answer.server = ek_server(view, answer.index);
	if (!answer.server)
		return XDP_ABORTED;
	answer.service = ek_service(view, answer.server->service);
	if (!answer.service)
		return XDP_ABORTED;
	if (answer.service->flags & EK_ASKS_FLOW)
		reason = ek_ask_flow(&answer, view, ek_destination(packet, v6), packet->ports[1], v6);
	if (reason == EK_NOT_OURS)
		return ek_pass(EK_PASS_NO_FLOW, explained);
	return ek_reply(ctx, packet, view, &answer, reason, ctx->ingress_ifindex, explained, v6);
}

static __always_inline int ek_way_of(struct xdp_md *ctx, struct ek_explained *explained, const int v6)
{
	struct ek_pass_count *lane = ek_pass_counts_at(bpf_get_smp_processor_id());
	struct ek_scratch *scratch = ek_scratch();
	struct ek_service *service;
	struct ek_packet packet = {};
	struct ek_piece *piece;
	struct ek_view view;
	int pass, action;
	__u32 at;

	if (!lane || !scratch || ek_look(&view))
		return XDP_ABORTED;	/* cannot be: the verifier wants to hear it */
	pass = ek_read(&packet, (void *)(long)ctx->data, (void *)(long)ctx->data_end, ctx->ingress_ifindex,
		       view.control, v6);
	if (pass == 1 + EK_PASS_OTHER && !explained && packet.protocol == (v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP)) {
		action = v6 ? ek_error6(ctx, &view) : ek_error4(ctx, &view);
		if (action != EK_NO_ERROR)
			return action;
	}
	if (pass > EK_READ)
		return ek_pass(pass - 1, explained);
	if (packet.fragment && !explained) {
		piece = ek_other_piece(scratch, &packet, v6);
		if (piece)
			return piece->reply ?
				ek_follow_reply(ctx, &packet, &view, piece, lane, ctx->ingress_ifindex, v6) :
				ek_follow_piece(ctx, &packet, &view, piece, lane, ctx->ingress_ifindex, v6);
	}
	if (packet.later)
		at = ek_service_of(&view, ek_destination(&packet, v6), 0, packet.protocol | EK_PIECES, v6);
	else
		at = ek_service_of(&view, ek_destination(&packet, v6), packet.ports[1], packet.protocol, v6);
	if (at == EK_NOWHERE)
		return ek_come_back(ctx, &packet, &view, explained, v6);
	service = ek_service(&view, at);
	if (!service)
		return XDP_ABORTED;
	if (explained)
		explained->service = at;
	action = ek_forward(ctx, &packet, &view, service, at, ctx->ingress_ifindex, explained, v6);
	return action == EK_GO_ON ? ek_pass(EK_PASS_NO_FLOW, explained) : action;
}

/* With `explained` it says there what it would do, and does nothing else; the route to a client it may remember. */
static __always_inline int ek_way(struct xdp_md *ctx, struct ek_explained *explained)
{
	struct ethhdr *ethernet = (void *)(long)ctx->data;

	if ((void *)(ethernet + 1) > (void *)(long)ctx->data_end)
		return ek_pass(EK_PASS_TRUNCATED, explained);
	if (ethernet->h_proto == bpf_htons(ETH_P_IP))
		return ek_way_of(ctx, explained, 0);
	if (ethernet->h_proto == bpf_htons(ETH_P_IPV6))
		return ek_way_of(ctx, explained, 1);
	return ek_pass(EK_PASS_OTHER, explained);
}

SEC("xdp")
int ek_ingress(struct xdp_md *ctx)
{
	return ek_way(ctx, NULL);
}

/* The same program for a packet that a person describes: test runs only, attached nowhere. */
SEC("xdp")
int ek_explain(struct xdp_md *ctx)
{
	struct ek_explained *explained = ek_explained_at(0);

	if (!explained)
		return XDP_ABORTED;
	__builtin_memset(explained, 0, sizeof(*explained));
	explained->service = EK_NOWHERE;
	explained->server = EK_NOWHERE;
	explained->first_choice = EK_NOWHERE;
	explained->slot = EK_NOWHERE;
	return ek_way(ctx, explained);
}

SEC("tc")
int ek_egress(struct __sk_buff *skb)
{
	struct ek_pass_count *lane = ek_pass_counts_at(bpf_get_smp_processor_id());

	if (!lane)
		return TC_ACT_UNSPEC;	/* cannot be: the verifier wants to hear it */
	lane->left++;
	if (!skb->ingress_ifindex)
		return TC_ACT_UNSPEC;	/* our own */
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return ek_leave(skb, lane, 0);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return ek_leave(skb, lane, 1);
	return TC_ACT_UNSPEC;
}
