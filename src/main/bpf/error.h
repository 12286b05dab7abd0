/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * ICMP errors of others that quote a packet of ours, both ways: what a realserver or a router on the way there says goes to
 * the client as if the VIP said it, and what the client or a router on its side says goes to the flow's realserver, which
 * then sees its own addresses quoted. As IPVS does it; an error about a flow that nobody knows passes up.
 */
#ifndef EVENKEEL_ERROR_H
#define EVENKEEL_ERROR_H

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "count.h"
#include "flow.h"
#include "forward.h"
#include "icmp.h"
#include "packet.h"
#include "place.h"
#include "reply.h"
#include "rewrite.h"
#include "view.h"

#define EK_NO_ERROR (-1)	/* no ICMP error of ours */

/* An ICMP error and what it quotes. */
struct ek_error {
	struct ek_packet outer;		/* its `ports` are where ICMP begins */
	struct ek_packet quoted;	/* of which only the beginning is there */
	struct ek_icmp *icmp;
};

static __always_inline int ek_is_error(__u8 type, const int v6)
{
	if (v6)
		return type >= EK_ICMP6_UNREACHABLE && type <= EK_ICMP6_PARAMETER;
	return type == EK_ICMP_UNREACHABLE || type == EK_ICMP_QUENCH || type == EK_ICMP_TIME_EXCEEDED ||
	       type == EK_ICMP_PARAMETER;
}

/* Reads a network header without options or with IPv4's. Answers where the next begins, or NULL. */
static __always_inline void *ek_skip_network(struct ek_packet *packet, void *network, void *end, const int v6)
{
	struct ipv6hdr *ip6 = network;
	struct iphdr *ip = network;

	packet->network = network;
	packet->end = end;
	packet->fragment = packet->malformed = packet->tcp_flags = 0;
	if (v6) {
		if ((void *)(ip6 + 1) > end || ip6->version != 6)
			return NULL;
		packet->protocol = ip6->nexthdr;
		packet->length = sizeof(*ip6) + bpf_ntohs(ip6->payload_len);
		return ip6 + 1;
	}
	if ((void *)(ip + 1) > end || ip->version != 4 || ip->ihl < 5 || ip->frag_off & bpf_htons(EK_IP_OFFSET))
		return NULL;
	packet->protocol = ip->protocol;
	packet->length = bpf_ntohs(ip->tot_len);
	return network + ip->ihl * 4;
}

static __always_inline int ek_read_error(struct ek_error *error, struct xdp_md *ctx, const int v6)
{
	void *start = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end, *next;

	error->outer.ethernet = start;
	next = ek_skip_network(&error->outer, start + sizeof(struct ethhdr), end, v6);
	error->icmp = next;
	if (!next || next + sizeof(struct ek_icmp) > end ||
	    error->outer.protocol != (v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP) || !ek_is_error(error->icmp->type, v6))
		return EK_NO_ERROR;
	error->outer.ports = next;
	next = ek_skip_network(&error->quoted, next + sizeof(struct ek_icmp), end, v6);
	if (!next || next + 2 * sizeof(__be16) > end ||
	    (error->quoted.protocol != IPPROTO_UDP && error->quoted.protocol != IPPROTO_TCP))
		return EK_NO_ERROR;
	error->quoted.ports = next;
	return ek_for_us(error->outer.ethernet, ctx->ingress_ifindex) ? 0 : EK_NO_ERROR;
}

/* Puts an address and port into the quoted packet, and the same address into the outer header; all checksums follow. */
static __always_inline void ek_rewrite_error(struct ek_error *error, __be32 *outer_at, __be32 *quoted_at,
					     __be16 *port_at, const __be32 *address, __be16 port, const int v6)
{
	__u64 outer_change = ek_write_address(outer_at, address, v6);
	__u64 quoted_change = ek_write_address(quoted_at, address, v6);
	__u64 change = quoted_change + ek_change(*port_at, port);
	struct iphdr *quoted = error->quoted.network;
	__u16 before;

	*port_at = port;
	if (v6) {
		change += outer_change;		/* by the pseudo-header */
	} else {
		before = quoted->check;
		quoted->check = ek_checksum(before, quoted_change);
		change += ek_change(before, quoted->check);
	}
	error->icmp->checksum = ek_checksum(error->icmp->checksum, change);
	ek_one_hop_less(&error->outer, outer_change, v6);
}

/* From a realserver's side to the client. Answers the action, or EK_NO_ERROR. */
static __always_inline int ek_error_back(struct xdp_md *ctx, struct ek_error *error, const struct ek_view *view,
					 struct ek_scratch *scratch, struct ek_pass_count *lane, const int v6)
{
	const __be32 *client = ek_source(&error->quoted, v6);
	struct ek_answer answer = {};

	answer.index = ek_endpoint_of(view, ek_destination(&error->quoted, v6), error->quoted.ports[1],
				      error->quoted.protocol, v6);
	if (answer.index == EK_NOWHERE || !ek_same_address(client, ek_destination(&error->outer, v6), v6) ||
	    ek_is_own(view->control, client, v6))
		return EK_NO_ERROR;
	answer.server = ek_server(view, answer.index);
	if (!answer.server)
		return EK_NO_ERROR;
	answer.service = ek_service(view, answer.server->service);
	if (!answer.service || (answer.service->flags & EK_ASKS_FLOW &&
				ek_ask_flow(&answer, view, client, error->quoted.ports[0], v6) != -1))
		return EK_NO_ERROR;
	if (ek_hops(&error->outer, v6) <= 1 ||
	    ek_way_back(ctx, scratch, &error->outer, answer.service, view->control->routes_epoch,
			ctx->ingress_ifindex, v6) != -1) {
		lane->errors_lost++;
		return XDP_DROP;
	}
	ek_rewrite_error(error, ek_source(&error->outer, v6), ek_destination(&error->quoted, v6),
			 &error->quoted.ports[1], answer.service->address, answer.service->port, v6);
	if (answer.port) {
		error->icmp->checksum = ek_checksum(error->icmp->checksum,
						    ek_change(error->quoted.ports[0], answer.port));
		error->quoted.ports[0] = answer.port;
	}
	ek_frame(error->outer.ethernet, scratch->route.destination, scratch->route.source);
	lane->errors_back++;
	return ek_out(scratch->route.interface, ctx->ingress_ifindex);
}

/* The realserver whose reply is quoted, by the flow of the client that it went to; or NULL. */
static __always_inline struct ek_server *ek_server_quoted(const struct ek_error *error, const struct ek_view *view,
							  struct ek_scratch *scratch, __u32 at, const int v6)
{
	struct ek_service *service = ek_service(view, at);
	struct ek_found found = {};

	if (!service || !(service->flags & EK_ASKS_FLOW || !(service->flags & EK_ONE_PACKET)))
		return NULL;
	ek_make_key(&scratch->key, view, ek_destination(&error->quoted, v6), error->quoted.ports[1], service->group,
		    v6);
	if (!ek_find(&found, &scratch->key, view, v6) || !ek_is_flow(ek_state(found.value)))
		return NULL;
	return ek_keeper(view, found.value, at);
}

/* From a client's side to the realserver. Answers the action, or EK_NO_ERROR. */
static __always_inline int ek_error_in(struct xdp_md *ctx, struct ek_error *error, const struct ek_view *view,
				       struct ek_scratch *scratch, struct ek_pass_count *lane, const int v6)
{
	const __be32 *vip = ek_source(&error->quoted, v6);
	struct ek_next_hop *hop;
	struct ek_server *server;
	__u32 at, next;

	at = ek_service_of(view, vip, error->quoted.ports[0], error->quoted.protocol, v6);
	if (at == EK_NOWHERE || !ek_same_address(vip, ek_destination(&error->outer, v6), v6))
		return EK_NO_ERROR;
	server = ek_server_quoted(error, view, scratch, at, v6);
	if (!server)
		return EK_NO_ERROR;
	next = *(const volatile __u32 *)&server->next_hop;
	hop = ek_next_hops_at(next);
	if (!hop || next == EK_HOP_LOCAL)
		return EK_NO_ERROR;
	if (!hop->interface || ek_hops(&error->outer, v6) <= 1 ||
	    error->outer.length + ek_overhead(server) > hop->mtu) {
		lane->errors_lost++;
		return XDP_DROP;
	}
	if (server->method == EK_NAT)
		ek_rewrite_error(error, ek_destination(&error->outer, v6), ek_source(&error->quoted, v6),
				 &error->quoted.ports[0], server->address, server->port, v6);
	else
		ek_one_hop_less(&error->outer, 0, v6);
	if (server->method < EK_IPIP) {
		ek_frame(error->outer.ethernet, hop->destination, hop->source);
	} else if (ek_encapsulate(ctx, &error->outer, server, hop, v6)) {
		lane->errors_lost++;
		return XDP_DROP;
	}
	lane->errors_in++;
	return ek_out(hop->interface, ctx->ingress_ifindex);
}

/* Answers the action, or EK_NO_ERROR. */
static __always_inline int ek_error_of(struct xdp_md *ctx, const struct ek_view *view, const int v6)
{
	struct ek_pass_count *lane = ek_pass_counts_at(bpf_get_smp_processor_id());
	struct ek_scratch *scratch = ek_scratch();
	struct ek_error error = {};
	int action;

	if (!lane || !scratch || ek_read_error(&error, ctx, v6))
		return EK_NO_ERROR;
	action = ek_error_back(ctx, &error, view, scratch, lane, v6);
	return action == EK_NO_ERROR ? ek_error_in(ctx, &error, view, scratch, lane, v6) : action;
}

static __noinline int ek_error4(struct xdp_md *ctx, const struct ek_view *view)
{
	return ek_error_of(ctx, view, 0);
}

static __noinline int ek_error6(struct xdp_md *ctx, const struct ek_view *view)
{
	return ek_error_of(ctx, view, 1);
}

#endif
