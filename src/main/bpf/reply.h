/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The way back: what comes from a realserver's endpoint leaves from the VIP. Whose VIP that is, the endpoint says if it
 * belongs to one one-packet service alone, else the flow or note of the client. Never for a packet to one of the
 * director's own addresses: that is the answer to a probe.
 */
#ifndef EVENKEEL_REPLY_H
#define EVENKEEL_REPLY_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "count.h"
#include "flow.h"
#include "packet.h"
#include "piece.h"
#include "rewrite.h"
#include "translate.h"
#include "view.h"

#ifndef AF_INET
#define AF_INET 2
#endif
#ifndef AF_INET6
#define AF_INET6 10
#endif

#define EK_BY_STACK (-2)	/* the stack has to find the neighbour; ek_egress rewrites what it sends */
#define EK_NOT_OURS (-3)	/* no reply to a client of ours */

#define EK_MOST_SHARING 64	/* services with one endpoint */

/* A packet that came from an endpoint of ours. */
struct ek_answer {
	struct ek_server *server;
	struct ek_service *service;
	__u32 index;		/* of the realserver */
	__be16 port;		/* the client's, if it is not known by that */
	struct ek_found found;	/* the flow or note that it belongs to */
	__u32 now;
};

/*
 * The one of the realservers with one endpoint, from `index` on, that a flow names, or whose service a note names;
 * EK_NOWHERE: none.
 */
__attribute__((noinline)) __u32 ek_among(__u32 half, __u32 index, __u32 owner, __u32 note)
{
	struct ek_control *control = ek_control_at(0);
	struct ek_server *server;
	int i;

	if (!control)
		return EK_NOWHERE;
	for (i = 0; i < EK_MOST_SHARING; i++) {
		server = index == EK_NOWHERE ? NULL : ek_servers_at(half * control->sizes.servers + index);
		if (!server)
			return EK_NOWHERE;
		if (owner == (note ? server->service : index))
			return index;
		index = server->same_endpoint;
	}
	return EK_NOWHERE;
}

#define EK_MOST_SOLE (EK_TICK_MASK >> 1)	/* what is further ahead is past */

/*
 * Nobody noted who asked. Where a one-packet service had this endpoint alone until lately, it was that one: it had no need
 * to note it, and whoever shares the endpoint now notes all. Answers -1, or `none`.
 */
static __always_inline int ek_unnoted(struct ek_answer *answer, int none)
{
	__u32 until = answer->server->sole_until;

	answer->found.flow = NULL;
	return until && ((until - answer->now) & EK_TICK_MASK) < EK_MOST_SOLE ? -1 : none;
}

/*
 * Whose reply it is, by the client's flow. `answer` names the first realserver with this endpoint; afterwards the right
 * one. Answers the reason against it, EK_NOT_OURS, or -1.
 */
static __always_inline int ek_ask_flow(struct ek_answer *answer, const struct ek_view *view, const __be32 *client,
				       __be16 port, const int v6)
{
	int none = answer->service->flags & EK_GROUP_ONE_PACKET ? EK_REPLY_UNEXPECTED : EK_NOT_OURS;
	struct ek_scratch *scratch = ek_scratch();
	struct ek_service *service;
	struct ek_server *server;
	__u32 index;

	if (!scratch)
		return EK_NOT_OURS;	/* cannot be: the verifier wants to hear it */
	answer->now = ek_now();
	ek_make_key(&scratch->key, view, client, port, answer->service->group, v6);
	if (!ek_find(&answer->found, &scratch->key, view, v6))
		return ek_unnoted(answer, none);
	service = ek_service(view, ek_service_of_flow(view, answer->found.value));
	if (!service || ek_over(view, service, answer->found.value, answer->now))
		return ek_unnoted(answer, none);
	index = ek_among(view->half, answer->index, ek_owner(answer->found.value),
			 ek_state(answer->found.value) == EK_NOTE);
	server = ek_server(view, index);
	if (index == EK_NOWHERE || !server)
		return EK_REPLY_STRANGER;
	answer->index = index;
	answer->server = server;
	answer->service = service;
	if (!(answer->found.value & EK_FLOW_TRANSLATED))
		return -1;
	answer->port = ek_translate_back(scratch, client, service->group, port, v6);
	return answer->port ? -1 : EK_REPLY_UNEXPECTED;
}

/* The flow lives on, and goes through its states. */
static __always_inline void ek_follow_answer(const struct ek_answer *answer, const struct ek_packet *packet)
{
	__u32 state = ek_state(answer->found.value);

	if (!answer->found.flow)
		return;
	if (packet->protocol == IPPROTO_TCP && state < EK_TCP_STATES)
		state = ek_tcp_after(state, packet->tcp_flags, EK_FROM_SERVER);
	ek_touch(&answer->found, answer->now,
		 state | EK_FLOW_ANSWERED | (answer->found.value & EK_FLOW_TRANSLATED));
}

static __always_inline int ek_reply_refusal(const struct ek_packet *packet, const int v6)
{
	if (packet->malformed)
		return EK_REPLY_MALFORMED;
	if (ek_hops(packet, v6) <= 1)
		return EK_REPLY_TTL_EXPIRED;
	return -1;
}

/* Asks the kernel's routing table as if the packet were already the VIP's. Answers as ek_way_back. */
static __always_inline int ek_look_up_route(void *ctx, struct ek_scratch *scratch, const struct ek_packet *packet,
					    const struct ek_service *service, __u32 interface, const int v6)
{
	struct bpf_fib_lookup *asked = &scratch->asked;
	struct ek_route *route = &scratch->route;
	long answer;

	__builtin_memset(asked, 0, sizeof(*asked));
	asked->family = v6 ? AF_INET6 : AF_INET;
	asked->l4_protocol = packet->protocol;
	asked->sport = service->port;
	asked->dport = packet->ports[1];
	asked->tot_len = packet->length;
	asked->ifindex = interface;
	if (v6) {
		__builtin_memcpy(asked->ipv6_src, service->address, sizeof(asked->ipv6_src));
		__builtin_memcpy(asked->ipv6_dst, ek_destination(packet, 1), sizeof(asked->ipv6_dst));
		asked->flowinfo = *(__be32 *)packet->network & bpf_htonl(0x0fffffff);
	} else {
		asked->ipv4_src = service->address[0];
		asked->ipv4_dst = *ek_destination(packet, 0);
		asked->tos = ((struct iphdr *)packet->network)->tos;
	}
	answer = bpf_fib_lookup(ctx, asked, sizeof(*asked), 0);
	if (answer == BPF_FIB_LKUP_RET_FRAG_NEEDED)
		return EK_REPLY_TOO_BIG;	/* the stack would cut it, and ek_egress cannot rewrite the pieces */
	if (answer == BPF_FIB_LKUP_RET_NO_NEIGH)
		return EK_BY_STACK;
	if (answer != BPF_FIB_LKUP_RET_SUCCESS)
		return EK_REPLY_NO_ROUTE;
	route->interface = asked->ifindex;
	route->mtu = asked->mtu_result;
	__builtin_memcpy(route->destination, asked->dmac, sizeof(route->destination));
	__builtin_memcpy(route->source, asked->smac, sizeof(route->source));
	return -1;
}

/* The client's place among the ways that this CPU knows. */
static __always_inline struct ek_known_route *ek_route_of(const __be32 *client, const int v6)
{
	__u64 mix = v6 ? ((__u64)(client[0] ^ client[2]) << 32 | (client[1] ^ client[3])) : client[0];
	__u32 at = mix * EK_MIX_1 >> (64 - EK_ROUTE_BITS);

	return bpf_map_lookup_elem(&ek_routes, &at);
}

/* Finds the way to the client, and leaves it in the scratch. Answers the reason against sending, EK_BY_STACK, or -1. */
static __always_inline int ek_way_back(void *ctx, struct ek_scratch *scratch, const struct ek_packet *packet,
				       const struct ek_service *service, __u32 epoch, __u32 interface, const int v6)
{
	const __be32 *client = ek_destination(packet, v6);
	struct ek_known_route *known = ek_route_of(client, v6);
	struct ek_route *route = &scratch->route;
	int reason;

	if (!known)
		return EK_REPLY_NO_ROUTE;	/* cannot be: the verifier wants to hear it */
	if (known->route.interface && known->route.epoch == epoch && known->v6 == (__u32)v6 &&
	    ek_same_address(known->client.word, client, v6)) {
		*route = known->route;
	} else {
		reason = ek_look_up_route(ctx, scratch, packet, service, interface, v6);
		if (reason != -1)
			return reason;
		route->epoch = epoch;
		__builtin_memcpy(&known->client, client, v6 ? 16 : 4);
		known->v6 = v6;
		known->route = *route;
	}
	return route->mtu && packet->length > route->mtu ? EK_REPLY_TOO_BIG : -1;
}

static __always_inline void ek_explain_answer(struct ek_explained *explained, const struct ek_answer *answer,
					      __u32 interface, int reason)
{
	explained->outcome = reason == -1 ? EK_REPLIED : reason == EK_BY_STACK ? EK_REPLIED_BY_STACK : EK_DROPPED;
	explained->detail = reason;
	explained->service = answer->server->service;
	explained->server = answer->index;
	explained->route_interface = interface;
	explained->flow_found = answer->found.flow ? EK_A_FLOW : EK_NO_FLOW;
	explained->flow_value = answer->found.value;
}

/* A fragment of a reply that was counted already. Answers the action. */
static __always_inline int ek_follow_reply(void *ctx, struct ek_packet *packet, const struct ek_view *view,
					   const struct ek_piece *piece, struct ek_pass_count *lane, __u32 interface,
					   const int v6)
{
	struct ek_service *service = ek_service(view, piece->service);
	struct ek_scratch *scratch = ek_scratch();

	if (!service || !scratch || packet->malformed || ek_hops(packet, v6) <= 1 ||
	    ek_way_back(ctx, scratch, packet, service, view->control->routes_epoch, interface, v6) != -1) {
		lane->pieces_lost++;
		return XDP_DROP;
	}
	ek_from_vip(packet, service, v6);
	ek_frame(packet->ethernet, scratch->route.destination, scratch->route.source);
	lane->pieces++;
	return ek_out(scratch->route.interface, interface);
}

/* `reason` is what ek_ask_flow said: no more than a reason against the reply. */
static __always_inline int ek_reply(void *ctx, struct ek_packet *packet, const struct ek_view *view,
				    const struct ek_answer *answer, int reason, __u32 interface,
				    struct ek_explained *explained, const int v6)
{
	struct ek_service_count *lane = ek_lane(view, answer->server->service);
	struct ek_scratch *scratch = ek_scratch();
	int action = XDP_DROP;

	if (!lane || !scratch)
		return XDP_ABORTED;	/* cannot be: the verifier wants to hear it */
	if (!explained) {
		ek_begin(lane);
		lane->replies_received++;
	}
	if (reason == -1)
		reason = ek_reply_refusal(packet, v6);
	if (reason == -1)
		reason = ek_way_back(ctx, scratch, packet, answer->service, view->control->routes_epoch, interface, v6);
	if (reason == EK_BY_STACK && packet->fragment)
		reason = EK_REPLY_FRAGMENT;
	if (explained) {
		ek_explain_answer(explained, answer, reason == -1 ? scratch->route.interface : 0, reason);
		return XDP_PASS;
	}
	if (reason >= 0 && reason < EK_REASONS) {
		lane->dropped[reason]++;
		ek_end(lane);
		return XDP_DROP;
	}
	ek_follow_answer(answer, packet);
	if (reason == EK_BY_STACK) {
		lane->by_stack++;
		action = XDP_PASS;
	} else {
		if (packet->fragment) {
			ek_name_datagram(&scratch->datagram, packet, v6);
			ek_remember_piece(scratch, answer->index, answer->server->service, 0, 1);
		}
		ek_from_vip(packet, answer->service, v6);
		if (answer->port)
			ek_rewrite_port(packet, &packet->ports[1], answer->port);
		ek_frame(packet->ethernet, scratch->route.destination, scratch->route.source);
		action = ek_out(scratch->route.interface, interface);
	}
	lane->replies++;
	ek_count_server(view, answer->index, 1);
	ek_end(lane);
	return action;
}

#endif
