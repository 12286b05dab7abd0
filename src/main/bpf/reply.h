/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The way back: what comes from a realserver's endpoint leaves from the VIP. Nothing is remembered for it, since the
 * endpoint belongs to one service. Never for a packet to one of the director's own addresses: that is the answer to a
 * probe.
 */
#ifndef EVENKEEL_REPLY_H
#define EVENKEEL_REPLY_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "count.h"
#include "view.h"
#include "packet.h"
#include "rewrite.h"

#ifndef AF_INET
#define AF_INET 2
#endif

#define EK_BY_STACK (-2)	/* the stack has to find the neighbour; ek_egress rewrites what it sends */

static __always_inline int ek_reply_refusal(const struct ek_packet *packet)
{
	if (packet->fragment)
		return EK_REPLY_FRAGMENT;
	if (packet->malformed)
		return EK_REPLY_MALFORMED;
	if (packet->ip->ttl <= 1)
		return EK_REPLY_TTL_EXPIRED;
	return -1;
}

/* Asks the kernel's routing table as if the packet were already the VIP's. Answers as ek_way_back. */
static __always_inline int ek_look_up_route(void *ctx, struct ek_route *route, const struct ek_packet *packet,
					    const struct ek_service *service, __u32 interface)
{
	struct bpf_fib_lookup asked = {
		.family = AF_INET,
		.l4_protocol = IPPROTO_UDP,
		.sport = service->port,
		.dport = packet->udp->dest,
		.tot_len = packet->length,
		.tos = packet->ip->tos,
		.ipv4_src = service->address,
		.ipv4_dst = packet->ip->daddr,
		.ifindex = interface,
	};
	long answer = bpf_fib_lookup(ctx, &asked, sizeof(asked), 0);

	if (answer == BPF_FIB_LKUP_RET_FRAG_NEEDED)
		return EK_REPLY_TOO_BIG;	/* the stack would cut it, and ek_egress cannot rewrite the pieces */
	if (answer == BPF_FIB_LKUP_RET_NO_NEIGH)
		return EK_BY_STACK;
	if (answer != BPF_FIB_LKUP_RET_SUCCESS)
		return EK_REPLY_NO_ROUTE;
	route->interface = asked.ifindex;
	route->mtu = asked.mtu_result;
	__builtin_memcpy(route->destination, asked.dmac, sizeof(route->destination));
	__builtin_memcpy(route->source, asked.smac, sizeof(route->source));
	return -1;
}

/* Finds the way to the client. Answers the reason against sending, EK_BY_STACK, or -1. */
static __always_inline int ek_way_back(void *ctx, struct ek_route *route, const struct ek_packet *packet,
				       const struct ek_service *service, __u32 epoch, __u32 interface)
{
	__be32 client = packet->ip->daddr;
	struct ek_route *known = bpf_map_lookup_elem(&ek_routes, &client);
	int reason;

	if (known && known->epoch == epoch) {
		*route = *known;
	} else {
		reason = ek_look_up_route(ctx, route, packet, service, interface);
		if (reason != -1)
			return reason;
		route->epoch = epoch;
		bpf_map_update_elem(&ek_routes, &client, route, BPF_ANY);
	}
	return route->mtu && packet->length > route->mtu ? EK_REPLY_TOO_BIG : -1;
}

static __always_inline int ek_reply(void *ctx, struct ek_packet *packet, const struct ek_view *view,
				    const struct ek_service *service, const struct ek_server *server, __u32 index,
				    __u32 interface, struct ek_explained *explained)
{
	struct ek_service_count *lane = ek_lane(view, server->service);
	struct ek_route route = {};
	int reason, action = XDP_DROP;

	if (!lane)
		return XDP_ABORTED;	/* cannot be: the verifier wants to hear it */
	if (!explained) {
		ek_begin(lane);
		lane->replies_received++;
	}
	reason = ek_reply_refusal(packet);
	if (reason == -1)
		reason = ek_way_back(ctx, &route, packet, service, view->control->routes_epoch, interface);
	if (explained) {
		explained->outcome = reason == -1 ? EK_REPLIED :
				     reason == EK_BY_STACK ? EK_REPLIED_BY_STACK : EK_DROPPED;
		explained->detail = reason;
		explained->route_interface = route.interface;
		return XDP_PASS;
	}
	if (reason >= 0 && reason < EK_REASONS) {
		lane->dropped[reason]++;
		ek_end(lane);
		return XDP_DROP;
	}
	if (reason == EK_BY_STACK) {
		lane->by_stack++;
		action = XDP_PASS;
	} else {
		ek_from_vip(packet, service->address, service->port);
		ek_frame(packet->ethernet, route.destination, route.source);
		action = route.interface == interface ? XDP_TX : bpf_redirect(route.interface, 0);
	}
	lane->replies++;
	ek_count_server(view, index, 1);
	ek_end(lane);
	return action;
}

#endif
