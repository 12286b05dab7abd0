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
#include "complain.h"
#include "count.h"
#include "flow.h"
#include "packet.h"
#include "pick.h"
#include "piece.h"
#include "place.h"
#include "rewrite.h"
#include "translate.h"
#include "tunnel.h"
#include "view.h"

#define EK_GO_ON (-1)		/* nothing speaks against it */

/* One packet on its way to a realserver. */
struct ek_visit {
	const struct ek_view *view;
	struct ek_packet *packet;
	struct ek_service *service;
	struct ek_service_count *lane;
	struct ek_server *server;	/* chosen */
	struct ek_next_hop *hop;
	struct ek_found found;		/* a flow or note of this client */
	struct ek_key *key;		/* its key */
	struct ek_choice *choice;
	__u32 at;			/* the service's index */
	__u32 whose;			/* the service that `found` belongs to */
	__u32 how;			/* enum ek_how */
	__be16 port;			/* by which realservers know the client, if not by its own */
	__u8 live;			/* there is one, and its time is not over */
	__u8 held;			/* and its realserver keeps it */
};

/*
 * Nobody's address, or ours: the stack, which would refuse it, is never asked. A packet that seems to come from one virtual
 * service to another would go back and forth between their realservers without end.
 */
static __always_inline int ek_impossible(const struct ek_packet *packet, const struct ek_view *view, const int v6)
{
	const __be32 *from = ek_source(packet, v6);
	__u8 first = *(const __u8 *)from;

	if (v6 ? first == 0xff || !(from[0] | from[1] | from[2] | (from[3] & ~bpf_htonl(1))) :
		 first == 0 || first == 127 || first >= 224)
		return 1;
	return ek_is_own(view->control, from, v6) ||
	       (!packet->later &&
		ek_service_of(view, from, packet->ports[0], packet->protocol, v6) != EK_NOWHERE);
}

/* Answers the reason against sending it, or EK_GO_ON. */
static __always_inline int ek_refusal(const struct ek_packet *packet, const struct ek_view *view, const int v6)
{
	if (view->control->stopping)
		return EK_SHUTTING_DOWN;
	if (ek_impossible(packet, view, v6))
		return EK_IMPOSSIBLE_SOURCE;
	if (packet->malformed)
		return EK_MALFORMED;
	if (ek_hops(packet, v6) <= 1)
		return EK_TTL_EXPIRED;
	return EK_GO_ON;
}

/* The realserver that a flow or template names, if it still may have its packets; else NULL. */
static __always_inline struct ek_server *ek_keeper(const struct ek_view *view, __u64 value, __u32 at)
{
	struct ek_server *server = ek_server(view, ek_owner(value));
	__u64 state;

	if (!server || server->service != at)
		return NULL;
	state = *(const volatile __u64 *)&server->state;
	return (__u8)state != EK_SHUT && (__u16)(state >> 16) == ek_generation(value) ? server : NULL;
}

/* The client's address as far as its template is for: not in place, since the flow's key needs all of it. */
static __always_inline void ek_mask(__be32 *masked, const __be32 *address, __u32 prefix, const int v6)
{
	__u32 bits, i;

#pragma unroll
	for (i = 0; i < (v6 ? 4 : 1); i++) {
		bits = prefix > 32 * i ? prefix - 32 * i : 0;
		masked[i] = bits >= 32 ? address[i] : bits ? address[i] & bpf_htonl(~0U << (32 - bits)) : 0;
	}
}

static __always_inline int ek_ask_template_of(const struct ek_view *view, struct ek_service *service, __u32 at,
					      struct ek_choice *choice, struct ek_scratch *scratch, __u32 how,
					      const int v6)
{
	struct ek_key *key = &scratch->template_key;
	struct ek_found found = {};
	struct ek_server *server;

	ek_mask(scratch->masked, choice->client, service->prefix, v6);
	ek_make_key(key, view, scratch->masked, service->prefix, EK_TEMPLATES | at, v6);
	choice->template = 0;
	if (!ek_find(&found, key, view, v6))
		return -1;
	choice->template = found.value;
	if (ek_over(view, service, found.value, choice->now))
		return -1;
	server = ek_keeper(view, found.value, at);
	if (!server)
		return -1;
	choice->index = ek_owner(found.value);
	choice->remembered = 1;
	/* One that is draining keeps its clients, but their templates run out. */
	if (!(how & EK_DRY) && (__u8)server->state != EK_HOLDING)
		ek_touch(&found, choice->now, EK_TEMPLATE);
	return 0;
}

/* Asks the client's template. Answers 0 with choice->index; -1 if there is none, or it names nobody any more. */
__attribute__((noinline)) int ek_ask_template(__u32 half, __u32 at, struct ek_choice *choice, __u32 how)
{
	struct ek_scratch *scratch = ek_scratch();
	struct ek_service *service;
	struct ek_view view = {};

	if (!choice || !scratch || ek_look_as(&view, half))
		return -1;
	service = ek_service(&view, at);
	if (!service)
		return -1;
	return how & EK_V6 ? ek_ask_template_of(&view, service, at, choice, scratch, how, 1) :
			     ek_ask_template_of(&view, service, at, choice, scratch, how, 0);
}

/* The next turn of a rotation, if its realserver can be used: all that most packets need. */
static __always_inline int ek_rotate_on(struct ek_visit *visit)
{
	const struct ek_service *service = visit->service;
	__u64 deal = *(const volatile __u64 *)&service->deal;
	struct ek_choice *choice = visit->choice;
	struct ek_turn *turn = ek_turns_at(visit->at);
	struct ek_slot *slot;

	if (!ek_deal_length(deal) || !service->slots || !turn)
		return 0;
	choice->turn = visit->how & EK_DRY ? turn->next : __sync_fetch_and_add(&turn->next, 1);
	visit->how |= EK_TURN_TAKEN;
	choice->slot = choice->turn % service->slots;
	slot = ek_slot(visit->view, service->first_slot + choice->slot);
	if (!slot)
		return 0;
	choice->index = choice->first_choice = slot->server;
	visit->server = ek_server(visit->view, choice->index);
	return visit->server && ek_usable(visit->server, choice->index, deal);
}

/* A realserver for a packet that has none. Answers the reason why not, or EK_GO_ON. */
static __always_inline int ek_choose(struct ek_visit *visit, const int v6)
{
	const struct ek_service *service = visit->service;
	struct ek_choice *choice = visit->choice;
	const __be32 *address = ek_source(visit->packet, v6);
	int answer;

	if (!(service->flags & EK_PERSISTENT) && service->algorithm == EK_ROTATE && ek_rotate_on(visit))
		return EK_GO_ON;
	if (service->algorithm == EK_DESTINATION_HASH)
		address = ek_destination(visit->packet, v6);
	choice->hashed = bpf_ntohl(v6 ? address[0] ^ address[1] ^ address[2] ^ address[3] : address[0]);
	if (service->flags & EK_HASH_PORT)
		choice->hashed += bpf_ntohs(visit->packet->ports[0]);
	if (!(service->flags & EK_PERSISTENT)) {
		answer = ek_pick(visit->view->half, visit->at, choice, visit->how);
	} else {
		__builtin_memcpy(choice->client, ek_source(visit->packet, v6), v6 ? 16 : 4);
		answer = ek_ask_template(visit->view->half, visit->at, choice, visit->how);
		if (answer) {
			answer = ek_pick(visit->view->half, visit->at, choice, visit->how);
			visit->how |= EK_TEMPLATE_WANTED;
		}
	}
	visit->server = answer ? NULL : ek_server(visit->view, choice->index);
	return visit->server ? EK_GO_ON : ek_nobody(visit->view, service, visit->at);
}

/* A connection that is as good as over may begin anew with another realserver (IPVS conn_reuse_mode 1; 2 for DR). */
static __always_inline int ek_begins_anew(const struct ek_visit *visit)
{
	__u32 state = ek_state(visit->found.value);

	if (visit->packet->protocol != IPPROTO_TCP || !(visit->packet->tcp_flags & EK_TCP_SYN) ||
	    visit->packet->tcp_flags & (EK_TCP_RST | EK_TCP_ACK))
		return 0;
	return state == EK_TCP_TIME_WAIT || state == EK_TCP_CLOSE ||
	       (state == EK_TCP_FIN_WAIT && !(visit->found.value & EK_FLOW_ANSWERED));
}

/* Looks for the client's flow or note under this port. */
static __always_inline void ek_look_under(struct ek_visit *visit, __be16 port, const int v6)
{
	struct ek_service *service = visit->service;
	struct ek_server *server;

	visit->found.flow = NULL;
	visit->live = 0;
	ek_make_key(visit->key, visit->view, ek_source(visit->packet, v6), port, service->group, v6);
	if (ek_find(&visit->found, visit->key, visit->view, v6)) {
		visit->whose = ek_service_of_flow(visit->view, visit->found.value);
		if (visit->whose == EK_NOWHERE)
			visit->whose = visit->at;	/* its realserver has left the table: it moves */
		if (visit->whose != visit->at)
			service = ek_service(visit->view, visit->whose);
		visit->live = service && !ek_over(visit->view, service, visit->found.value, visit->choice->now);
	}
	if (visit->live && visit->whose == visit->at && ek_is_flow(ek_state(visit->found.value)) &&
	    !(visit->service->flags & EK_ONE_PACKET)) {
		server = ek_keeper(visit->view, visit->found.value, visit->at);
		if (server && !ek_begins_anew(visit)) {
			visit->held = 1;
			visit->server = server;
			visit->choice->index = ek_owner(visit->found.value);
		}
	}
}

/* A live flow or note under our key is another service's, with the same endpoints. */
static __always_inline int ek_taken(const struct ek_visit *visit)
{
	struct ek_server *server;

	if (!visit->live || visit->whose == visit->at)
		return 0;
	if (ek_state(visit->found.value) == EK_NOTE)
		return 1;
	server = ek_server(visit->view, ek_owner(visit->found.value));
	return server && (__u8)server->state != EK_SHUT;
}

/* Looks for the packet's flow. Answers 0 when it is the middle of a TCP connection that nobody knows. */
static __always_inline int ek_look_for_flow(struct ek_visit *visit, const int v6)
{
	const struct ek_packet *packet = visit->packet;
	struct ek_choice *choice = visit->choice;

	choice->now = ek_now();
	ek_look_under(visit, packet->ports[0], v6);
	if (visit->service->flags & EK_SHARES && !(visit->live && visit->whose == visit->at)) {
		__builtin_memset(choice->client, 0, sizeof(choice->client));
		__builtin_memcpy(choice->client, ek_source(packet, v6), v6 ? 16 : 4);
		choice->port = packet->ports[0];
		visit->port = ek_translate(visit->view->half, visit->at, choice,
					   visit->how | (ek_taken(visit) ? EK_TAKEN : 0));
		if (visit->port)
			ek_look_under(visit, visit->port, v6);
	}
	return visit->live || packet->protocol != IPPROTO_TCP ||
	       (packet->tcp_flags & (EK_TCP_SYN | EK_TCP_RST)) == EK_TCP_SYN;
}

/* Where its realserver is. Answers the reason against sending, or EK_GO_ON. */
static __always_inline int ek_find_hop(struct ek_visit *visit)
{
	__u32 hop;

	if (!visit->server)
		return EK_NO_REALSERVER;	/* cannot be: the verifier wants to hear it */
	hop = *(const volatile __u32 *)&visit->server->next_hop;
	visit->hop = ek_next_hops_at(hop);
	if (!visit->hop)
		return EK_NO_ROUTE;
	if (hop == EK_HOP_LOCAL)
		return visit->server->method == EK_NAT ? EK_NO_ROUTE : EK_GO_ON;
	if (!visit->hop->interface)
		return EK_NO_ROUTE;
	if (visit->server->method >= EK_IPIP && !(visit->hop->from[0] | visit->hop->from[1]))
		return EK_NO_ROUTE;	/* nowhere to come from */
	return visit->packet->length + ek_overhead(visit->server) > visit->hop->mtu ? EK_TOO_BIG : EK_GO_ON;
}

static __always_inline __u32 ek_next_state(const struct ek_visit *visit, __u32 state)
{
	if (visit->packet->protocol != IPPROTO_TCP)
		return EK_UDP;
	return ek_tcp_after(state, visit->packet->tcp_flags,
			    visit->server->method == EK_NAT ? EK_FROM_CLIENT : EK_CLIENT_ALONE);
}

/*
 * A flow, or a note of who asked, in its place: `old` as it was found, 0 if there was none. Answers 0; 1 if another CPU has
 * written it meanwhile: it goes on there from the next packet on; -1 if there is no room.
 */
__attribute__((noinline)) int ek_settle(__u32 half, const struct ek_key *key, __u64 old, __u64 value, __u32 v6)
{
	struct ek_found found = {};
	struct ek_view view = {};
	struct ek_server *server;

	if (!key || ek_look_as(&view, half))
		return -1;
	if (old) {
		if (!(v6 ? ek_find(&found, key, &view, 1) : ek_find(&found, key, &view, 0)) ||
		    __sync_val_compare_and_swap(&found.flow->value, old, value) != old)
			return 1;
		ek_forget(&view, old);
	} else if (ek_make(half, key, value, 0, v6)) {
		return -1;
	}
	server = ek_is_flow(ek_state(value)) ? ek_server(&view, ek_owner(value)) : NULL;
	if (server)
		ek_load_begin(ek_owner(value), server, ek_state(value));
	return 0;
}

/* Writes down where the flow goes, or who asked, for the answer. Answers the reason against sending, or EK_GO_ON. */
static __always_inline int ek_remember(struct ek_visit *visit, struct ek_scratch *scratch, const int v6)
{
	__u32 now = visit->choice->now;
	int flow = !(visit->service->flags & EK_ONE_PACKET), note, answer;
	__u64 value;

	if (visit->how & EK_TEMPLATE_WANTED && !(visit->how & EK_DRY) &&
	    ek_settle(visit->view->half, &scratch->template_key, visit->choice->template,
		      ek_value(visit->choice->index, visit->server->state >> 16, now, EK_TEMPLATE), v6) < 0)
		visit->lane->unremembered++;
	if (!flow && !(visit->service->flags & EK_NOTES_CLIENT))
		return EK_GO_ON;
	note = visit->live && ek_state(visit->found.value) == EK_NOTE;
	if (visit->how & EK_DRY)
		return visit->found.flow || !ek_make(visit->view->half, visit->key, ek_value(0, 0, now, 0), 1, v6) ?
			       EK_GO_ON : EK_FLOW_TABLE_FULL;
	if (visit->held || (!flow && note && visit->whose == visit->at)) {
		ek_touch(&visit->found, now,
			 (flow ? ek_next_state(visit, ek_state(visit->found.value)) : EK_NOTE) |
				 (visit->found.value & (EK_FLOW_ANSWERED | EK_FLOW_TRANSLATED)));
		return EK_GO_ON;
	}
	value = flow ? ek_value(visit->choice->index, visit->server->state >> 16, now,
				ek_next_state(visit, EK_TCP_NONE)) :
		       ek_value(visit->at, 0, now, EK_NOTE);
	if (visit->port)
		value |= EK_FLOW_TRANSLATED;
	answer = ek_settle(visit->view->half, visit->key, visit->found.flow ? visit->found.value : 0, value, v6);
	if (answer < 0)
		return EK_FLOW_TABLE_FULL;
	if (!answer && flow && !note && visit->live && !ek_begins_anew(visit))
		visit->lane->moved++;
	return EK_GO_ON;
}

/* All that leads to a decision. Answers the reason against sending, or EK_GO_ON. */
static __always_inline int ek_decide(struct ek_visit *visit, struct ek_scratch *scratch, const int v6)
{
	int reason = ek_refusal(visit->packet, visit->view, v6);

	if (reason != EK_GO_ON)
		return reason;
	if (ek_taken(visit))
		return EK_SOURCE_TAKEN;
	if (!visit->held) {
		reason = ek_choose(visit, v6);
		if (reason != EK_GO_ON)
			return reason;
	}
	reason = ek_find_hop(visit);
	if (reason != EK_GO_ON)
		return reason;
	if (visit->service->flags & EK_ONE_PACKET && !(visit->service->flags & (EK_NOTES_CLIENT | EK_PERSISTENT)))
		return EK_GO_ON;
	return ek_remember(visit, scratch, v6);
}

/* Answers the action, or XDP_ABORTED if the kernel does not give room for outer headers. */
static __always_inline int ek_send(struct xdp_md *ctx, struct ek_visit *visit, __u32 interface, const int v6)
{
	const struct ek_server *server = visit->server;
	const struct ek_next_hop *hop = visit->hop;

	if (server->method == EK_NAT) {
		ek_to_server(visit->packet, server, v6);
		if (visit->port)
			ek_rewrite_port(visit->packet, &visit->packet->ports[0], visit->port);
		ek_frame(visit->packet->ethernet, hop->destination, hop->source);
	} else {
		ek_one_hop_less(visit->packet, 0, v6);
		if (server->method == EK_DIRECT)
			ek_frame(visit->packet->ethernet, hop->destination, hop->source);
		else if (ek_encapsulate(ctx, visit->packet, server, hop, v6))
			return XDP_ABORTED;
	}
	return ek_out(hop->interface, interface);
}

/* A fragment whose datagram goes to a realserver already. Answers the action; its datagram is counted. */
static __always_inline int ek_follow_piece(struct xdp_md *ctx, struct ek_packet *packet, const struct ek_view *view,
					   const struct ek_piece *piece, struct ek_pass_count *lane, __u32 interface,
					   const int v6)
{
	struct ek_visit visit = { .view = view, .packet = packet, .at = piece->service };
	__u64 named = (__u64)piece->server << 48 | (__u64)piece->generation << 32;
	int action = XDP_DROP;

	visit.server = ek_keeper(view, named, visit.at);
	if (visit.server && !packet->malformed && ek_hops(packet, v6) > 1 && ek_find_hop(&visit) == EK_GO_ON &&
	    visit.hop) {
		lane->pieces++;
		if (!visit.hop->interface)
			return XDP_PASS;
		action = ek_send(ctx, &visit, interface, v6);
		return action == XDP_ABORTED ? XDP_DROP : action;
	}
	lane->pieces_lost++;
	return action;
}

static __always_inline void ek_explain_visit(struct ek_explained *explained, const struct ek_visit *visit, int reason)
{
	explained->outcome = reason != EK_GO_ON ? EK_DROPPED : visit->hop && visit->hop->interface ? EK_FORWARDED :
												      EK_DELIVERED;
	explained->detail = reason;
	explained->turn = visit->choice->turn;
	explained->slot = visit->choice->slot;
	explained->first_choice = visit->choice->first_choice;
	explained->server = visit->server ? visit->choice->index : EK_NOWHERE;
	explained->flow_found = visit->held ? EK_A_FLOW : visit->choice->remembered ? EK_A_TEMPLATE : EK_NO_FLOW;
	explained->flow_value = visit->held ? visit->found.value : visit->choice->template;
}

/* Answers what becomes of the packet, or EK_GO_ON when it is none of ours: the middle of an unknown connection. */
static __always_inline int ek_forward(struct xdp_md *ctx, struct ek_packet *packet, const struct ek_view *view,
				      struct ek_service *service, __u32 at, __u32 interface,
				      struct ek_explained *explained, const int v6)
{
	struct ek_visit visit = { .view = view, .packet = packet, .service = service, .at = at, .how = (explained ? EK_DRY : 0) | (v6 ? EK_V6 : 0) };
	struct ek_scratch *scratch = ek_scratch();
	int reason, action = XDP_DROP;

	visit.lane = ek_lane(view, at);
	if (!scratch || !visit.lane)
		return XDP_ABORTED;	/* cannot be: the verifier wants to hear it */
	visit.key = &scratch->key;
	visit.choice = &scratch->choice;
	if (!(service->flags & EK_ONE_PACKET) || service->flags & EK_NOTES_CLIENT) {
		if (!ek_look_for_flow(&visit, v6))
			return EK_GO_ON;
	} else if (service->flags & EK_PERSISTENT) {
		visit.choice->now = ek_now();
	}
	if (explained) {
		visit.choice->slot = visit.choice->first_choice = EK_NOWHERE;
		visit.choice->turn = visit.choice->remembered = 0;
		ek_explain_visit(explained, &visit, ek_decide(&visit, scratch, v6));
		return XDP_PASS;
	}
	ek_begin(visit.lane);
	visit.lane->received++;
	reason = ek_decide(&visit, scratch, v6);
	if (reason >= 0 && reason < EK_REPLY_REASONS) {
		visit.lane->dropped[reason]++;
	} else if (visit.hop && visit.server) {
		if (packet->fragment) {
			ek_name_datagram(&scratch->datagram, packet, v6);
			ek_remember_piece(scratch, visit.choice->index, at, visit.server->state >> 16, 0);
		}
		if (visit.hop->interface) {
			action = ek_send(ctx, &visit, interface, v6);
			if (action == XDP_ABORTED) {
				action = XDP_DROP;
				visit.lane->dropped[EK_TX_FAILED]++;
			} else {
				visit.lane->forwarded++;
				visit.lane->translated += !!visit.port;
				ek_count_server(view, visit.choice->index, 0);
			}
		} else {
			action = XDP_PASS;
			visit.lane->local++;
		}
	}
	ek_end(visit.lane);
	if (reason >= 0 && !packet->later)
		return ek_complain(ctx, reason, visit.hop ? visit.hop->mtu - ek_overhead(visit.server) : 0, v6);
	return action;
}

#endif
