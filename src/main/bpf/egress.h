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
#include "view.h"

#define EK_IP_AT sizeof(struct ethhdr)

/* Answers 0 when all of it is done. */
static __always_inline long ek_rewrite_egress(struct __sk_buff *skb, const struct ek_service *service, __u32 udp_at,
					     __be32 from_address, __be16 from_port)
{
	__be32 address = service->address;
	__be16 port = service->port;
	__u32 check = udp_at + offsetof(struct udphdr, check);

	return bpf_l4_csum_replace(skb, check, from_address, address, BPF_F_PSEUDO_HDR | BPF_F_MARK_MANGLED_0 | 4) ||
	       bpf_l4_csum_replace(skb, check, from_port, port, BPF_F_MARK_MANGLED_0 | 2) ||
	       bpf_l3_csum_replace(skb, EK_IP_AT + offsetof(struct iphdr, check), from_address, address, 4) ||
	       bpf_skb_store_bytes(skb, EK_IP_AT + offsetof(struct iphdr, saddr), &address, sizeof(address), 0) ||
	       bpf_skb_store_bytes(skb, udp_at + offsetof(struct udphdr, source), &port, sizeof(port), 0);
}

static __always_inline int ek_leave(struct __sk_buff *skb, struct ek_pass_count *lane)
{
	struct ethhdr *ethernet = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct ek_service *service;
	struct ek_server *server;
	struct ek_view view;
	struct udphdr *udp;
	__u32 at, header;

	if (ek_look(&view) || !skb->ingress_ifindex || skb->protocol != bpf_htons(ETH_P_IP) || (void *)(ip + 1) > end)
		return TC_ACT_UNSPEC;
	header = ip->ihl * 4;
	udp = (void *)ip + header;
	if (header < sizeof(*ip) || ip->protocol != IPPROTO_UDP || ip->frag_off & bpf_htons(EK_IP_FRAGMENT) ||
	    (void *)(udp + 1) > end)
		return TC_ACT_UNSPEC;
	at = ek_endpoint_of(&view, ip->saddr, udp->source, IPPROTO_UDP);
	if (at == EK_NOWHERE)
		return TC_ACT_UNSPEC;
	server = ek_server(&view, at);
	if (!server)
		return TC_ACT_UNSPEC;
	service = ek_service(&view, server->service);
	if (!service)
		return TC_ACT_UNSPEC;
	if (ek_rewrite_egress(skb, service, EK_IP_AT + header, ip->saddr, udp->source)) {
		lane->spoilt++;
		return TC_ACT_SHOT;
	}
	lane->rewritten++;
	return TC_ACT_UNSPEC;
}

#endif
