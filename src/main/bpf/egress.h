/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A reply that the stack had to route, on its way out: rewritten here and not before, since a packet from one of our own
 * addresses that comes in is a martian to the stack. It has been counted where it came in.
 */
#ifndef EVENKEEL_EGRESS_H
#define EVENKEEL_EGRESS_H

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "packet.h"
#include "place.h"
#include "reply.h"
#include "view.h"

#define EK_NETWORK_AT sizeof(struct ethhdr)

/* Answers 0 when all of it is done. */
static __always_inline long ek_rewrite_egress(struct __sk_buff *skb, const struct ek_service *service, __u32 ports_at,
					      const __be32 *from, __be16 from_port, __u8 protocol, const int v6)
{
	__u64 mangled = protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0;
	__u32 check = ports_at + (protocol == IPPROTO_UDP ? offsetof(struct udphdr, check) :
							    offsetof(struct tcphdr, check));
	__u32 source_at = EK_NETWORK_AT + (v6 ? offsetof(struct ipv6hdr, saddr) : offsetof(struct iphdr, saddr));
	__be32 address[4];
	__be16 port = service->port;
	long failed = 0;
	int i;

	__builtin_memcpy(address, service->address, sizeof(address));
#pragma unroll
	for (i = 0; i < (v6 ? 4 : 1); i++)
		failed |= bpf_l4_csum_replace(skb, check, from[i], address[i], BPF_F_PSEUDO_HDR | mangled | 4);
	failed |= bpf_l4_csum_replace(skb, check, from_port, port, mangled | 2);
	if (!v6)
		failed |= bpf_l3_csum_replace(skb, EK_NETWORK_AT + offsetof(struct iphdr, check), from[0], address[0],
					      4);
	failed |= bpf_skb_store_bytes(skb, source_at, address, v6 ? 16 : 4, 0);
	failed |= bpf_skb_store_bytes(skb, ports_at, &port, sizeof(port), 0);
	return failed;
}

/* The client's port, which it is not known by to the realserver. Answers 0 when all of it is done. */
static __always_inline long ek_rewrite_port_egress(struct __sk_buff *skb, __u32 ports_at, __be16 from, __be16 port,
						   __u8 protocol)
{
	__u32 check = ports_at + (protocol == IPPROTO_UDP ? offsetof(struct udphdr, check) :
							    offsetof(struct tcphdr, check));

	return bpf_l4_csum_replace(skb, check, from, port,
				   (protocol == IPPROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0) | sizeof(port)) |
	       bpf_skb_store_bytes(skb, ports_at + sizeof(port), &port, sizeof(port), 0);
}

static __always_inline int ek_leave(struct __sk_buff *skb, struct ek_pass_count *lane, const int v6)
{
	void *end = (void *)(long)skb->data_end;
	struct ek_answer answer = {};
	struct ek_packet packet = {};
	struct ek_view view;
	__be32 from[4] = {};
	__be16 from_port, client_port;
	__u32 ports_at;
	__u8 protocol;

	packet.ethernet = (void *)(long)skb->data;
	packet.network = (void *)(long)skb->data + EK_NETWORK_AT;
	if (ek_look(&view) || (v6 ? ek_read6(&packet, end, view.control) : ek_read4(&packet, end)) != EK_READ || packet.fragment)
		return TC_ACT_UNSPEC;
	answer.index = ek_endpoint_of(&view, ek_source(&packet, v6), packet.ports[0], packet.protocol, v6);
	if (answer.index == EK_NOWHERE)
		return TC_ACT_UNSPEC;
	answer.server = ek_server(&view, answer.index);
	if (!answer.server || answer.server->method != EK_NAT)
		return TC_ACT_UNSPEC;
	answer.service = ek_service(&view, answer.server->service);
	if (!answer.service || (answer.service->flags & EK_ASKS_FLOW &&
				ek_ask_flow(&answer, &view, ek_destination(&packet, v6), packet.ports[1], v6) != -1))
		return TC_ACT_UNSPEC;
	ports_at = (void *)packet.ports - (void *)packet.ethernet;
	__builtin_memcpy(from, ek_source(&packet, v6), v6 ? 16 : 4);
	from_port = packet.ports[0];
	protocol = packet.protocol;
	client_port = packet.ports[1];
	if (ek_rewrite_egress(skb, answer.service, ports_at, from, from_port, protocol, v6) ||
	    (answer.port && ek_rewrite_port_egress(skb, ports_at, client_port, answer.port, protocol))) {
		lane->spoilt++;
		return TC_ACT_SHOT;
	}
	lane->rewritten++;
	return TC_ACT_UNSPEC;
}

#endif
