/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The way of a packet to a virtual service: whatever speaks against sending it is asked before a turn is taken; then
 * one realserver, one rewriting, one outcome.
 */
#ifndef EVENKEEL_FORWARD_H
#define EVENKEEL_FORWARD_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "count.h"
#include "view.h"
#include "packet.h"
#include "pick.h"
#include "place.h"
#include "rewrite.h"

/*
 * Nobody's address, or ours: the stack, which would refuse it, is never asked. A packet that seems to come from one virtual
 * service to another would go back and forth between their realservers without end.
 */
static __always_inline int ek_impossible(const struct ek_packet *packet, const struct ek_view *view)
{
	__be32 from = packet->ip->saddr;
	__u8 first = bpf_ntohl(from) >> 24;

	return first == 0 || first == 127 || first >= 224 || ek_is_own(view->control, from) ||
	       ek_service_of(view, from, packet->udp->source, IPPROTO_UDP) != EK_NOWHERE;
}

/* Answers the reason, or -1 when it may be sent. */
static __always_inline int ek_refusal(const struct ek_packet *packet, const struct ek_view *view)
{
	if (view->control->stopping)
		return EK_SHUTTING_DOWN;
	if (ek_impossible(packet, view))
		return EK_IMPOSSIBLE_SOURCE;
	if (packet->fragment)
		return EK_FRAGMENT;
	if (packet->malformed)
		return EK_MALFORMED;
	if (packet->ip->ttl <= 1)
		return EK_TTL_EXPIRED;
	return -1;
}

static __always_inline int ek_send(struct ek_packet *packet, const struct ek_next_hop *hop, __u32 interface)
{
	ek_frame(packet->ethernet, hop->destination, hop->source);
	return hop->interface == interface ? XDP_TX : bpf_redirect(hop->interface, 0);
}

/* Chooses and asks for the way there. Answers the reason against sending, or -1. */
static __always_inline int ek_choose(struct ek_picked *picked, struct ek_next_hop **hop, const struct ek_view *view,
				     const struct ek_packet *packet, const struct ek_service *service, __u32 index,
				     int dry)
{
	if (ek_rotate(picked, view, service, index, dry))
		return EK_NO_REALSERVER;
	*hop = ek_next_hops_at(*(const volatile __u32 *)&picked->server->next_hop);
	if (!*hop || !(*hop)->interface)
		return EK_NO_ROUTE;
	if (packet->length > (*hop)->mtu)
		return EK_TOO_BIG;
	return -1;
}

static __always_inline int ek_forward(struct ek_packet *packet, const struct ek_view *view,
				      const struct ek_service *service, __u32 index, __u32 interface,
				      struct ek_explained *explained)
{
	struct ek_picked picked = {};
	struct ek_next_hop *hop = NULL;
	struct ek_service_count *lane = ek_lane(view, index);
	int reason, action = XDP_DROP;

	if (!lane)
		return XDP_ABORTED;	/* cannot be: the verifier wants to hear it */
	if (!explained) {
		ek_begin(lane);
		lane->received++;
	}
	reason = ek_refusal(packet, view);
	if (reason < 0)
		reason = ek_choose(&picked, &hop, view, packet, service, index, !!explained);
	if (explained) {
		explained->outcome = reason < 0 ? EK_FORWARDED : EK_DROPPED;
		explained->detail = reason;
		explained->turn = picked.turn;
		explained->first_choice = picked.first_choice;
		explained->server = picked.server ? picked.index : EK_NOWHERE;
		return XDP_PASS;
	}
	if (reason >= 0 && reason < EK_REPLY_REASONS) {
		lane->dropped[reason]++;
	} else if (hop && picked.server) {
		ek_to_server(packet, picked.server->address, picked.server->port);
		action = ek_send(packet, hop, interface);
		lane->forwarded++;
		ek_count_server(view, picked.index, 0);
	}
	ek_end(lane);
	return action;
}

#endif
