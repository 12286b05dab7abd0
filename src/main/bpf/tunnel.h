/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Puts a packet whole into another: IP in IP (RFC 2003, RFC 2473, RFC 4213), GRE (RFC 2784) and GUE (draft-ietf-intarea-gue,
 * version 0), of and in either family. As IPVS: the outer hop count is the inner one's, its traffic class too, with
 * congestion as RFC 6040 says; IPv4's don't-fragment is the inner one's.
 */
#ifndef EVENKEEL_TUNNEL_H
#define EVENKEEL_TUNNEL_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "packet.h"
#include "rewrite.h"

#define EK_IP_DONT_FRAGMENT 0x4000
#define EK_ECN_MASK 3
#define EK_ECN_CE 3
#define EK_ECN_ECT0 2

#define EK_GRE_OCTETS 4		/* flags and version 0, protocol */
#define EK_GUE_OCTETS 12	/* UDP, and a header of 4 */
#define EK_GUE_PORTS 0xc000	/* source ports of GUE are from here on (RFC 6335 6) */

struct ek_gre {
	__be16 flags;
	__be16 protocol;
};

struct ek_gue {
	struct udphdr udp;
	__u8 version_and_length;
	__u8 protocol;
	__be16 flags;
};

/* What the outer headers take from the inner packet. */
struct ek_inner {
	__u32 length;
	__u32 hash;		/* of its flow */
	__u8 traffic_class;
	__u8 hops;
	__be16 dont_fragment;	/* the flag in its place */
};

static __always_inline __u32 ek_shim(__u8 method)
{
	return method == EK_GRE ? EK_GRE_OCTETS : method == EK_GUE ? EK_GUE_OCTETS : 0;
}

/* Octets that outer headers add. */
static __always_inline __u32 ek_overhead(const struct ek_server *server)
{
	if (server->method < EK_IPIP)
		return 0;
	return ek_shim(server->method) +
	       (server->flags & EK_OUTER_V6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr));
}

static __always_inline void ek_look_inside(struct ek_inner *inner, const struct ek_packet *packet, const int v6)
{
	const struct ipv6hdr *ip6 = packet->network;
	const struct iphdr *ip = packet->network;
	__u64 mix;

	inner->length = packet->length;
	inner->hops = ek_hops(packet, v6);
	inner->traffic_class = v6 ? bpf_ntohs(*(const __be16 *)ip6) >> 4 & 0xff : ip->tos;
	inner->dont_fragment = v6 ? 0 : ip->frag_off & bpf_htons(EK_IP_DONT_FRAGMENT);
	mix = ((__u64)ek_source(packet, v6)[v6 ? 3 : 0] << 32 | *(const __u32 *)packet->ports) * 0x9e3779b97f4a7c15ULL;
	inner->hash = mix >> 32;
	if ((inner->traffic_class & EK_ECN_MASK) == EK_ECN_CE)
		inner->traffic_class ^= EK_ECN_CE ^ EK_ECN_ECT0;
}

static __always_inline __u8 ek_outer_protocol(__u8 method, const int v6)
{
	return method == EK_GRE ? IPPROTO_GRE : method == EK_GUE ? IPPROTO_UDP : v6 ? IPPROTO_IPV6 : IPPROTO_IPIP;
}

static __always_inline void ek_write_outer4(struct iphdr *ip, const struct ek_inner *inner, __u8 protocol,
					    __u32 length, const struct ek_next_hop *hop, const struct ek_server *server)
{
	__u32 sum = 0;
	int i;

	ip->version = 4;
	ip->ihl = 5;
	ip->tos = inner->traffic_class;
	ip->tot_len = bpf_htons(sizeof(*ip) + length);
	ip->id = inner->dont_fragment ? 0 : bpf_get_prandom_u32();
	ip->frag_off = inner->dont_fragment;
	ip->ttl = inner->hops;
	ip->protocol = protocol;
	ip->check = 0;
	ip->saddr = hop->from[0];
	ip->daddr = server->address[0];
#pragma unroll
	for (i = 0; i < 10; i++)
		sum += ((__u16 *)ip)[i];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~sum;
}

static __always_inline void ek_write_outer6(struct ipv6hdr *ip, const struct ek_inner *inner, __u8 protocol,
					    __u32 length, const struct ek_next_hop *hop, const struct ek_server *server)
{
	/* The flow label spreads flows over links and queues (RFC 6438). */
	*(__be32 *)ip = bpf_htonl(6U << 28 | (__u32)inner->traffic_class << 20 | (inner->hash & 0xfffff));
	ip->payload_len = bpf_htons(length);
	ip->nexthdr = protocol;
	ip->hop_limit = inner->hops;
	__builtin_memcpy(&ip->saddr, hop->from, sizeof(ip->saddr));
	__builtin_memcpy(&ip->daddr, server->address, sizeof(ip->daddr));
}

/* The UDP checksum stays 0: over IPv6 the realserver has to allow that (RFC 6935), as with IPVS. */
static __always_inline void ek_write_shim(void *at, const struct ek_inner *inner, const struct ek_server *server,
					  const int v6)
{
	struct ek_gre *gre = at;
	struct ek_gue *gue = at;

	if (server->method == EK_GRE) {
		gre->flags = 0;
		gre->protocol = bpf_htons(v6 ? ETH_P_IPV6 : ETH_P_IP);
	} else if (server->method == EK_GUE) {
		gue->udp.source = bpf_htons(EK_GUE_PORTS | (inner->hash & 0x3fff));
		gue->udp.dest = server->tunnel_port;
		gue->udp.len = bpf_htons(EK_GUE_OCTETS + inner->length);
		gue->udp.check = 0;
		gue->version_and_length = 0;
		gue->protocol = v6 ? IPPROTO_IPV6 : IPPROTO_IPIP;
		gue->flags = 0;
	}
}

/*
 * Writes the headers before a packet whose hop count is counted down already. Afterwards nothing that pointed into the
 * packet holds. Answers 0, or -1 if there is no room before it.
 */
static __always_inline int ek_encapsulate(struct xdp_md *ctx, const struct ek_packet *packet,
					  const struct ek_server *server, const struct ek_next_hop *hop, const int v6)
{
	int outer_v6 = server->flags & EK_OUTER_V6;
	__u32 shim = ek_shim(server->method);
	struct ek_inner inner = {};
	struct ethhdr *ethernet;
	void *network, *end;

	ek_look_inside(&inner, packet, v6);
	if (bpf_xdp_adjust_head(ctx, -(int)(shim + (outer_v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)))))
		return -1;
	ethernet = (void *)(long)ctx->data;
	network = ethernet + 1;
	end = (void *)(long)ctx->data_end;
	/* What is written is not longer than what follows, a network header and 8 octets: the verifier wants to hear it. */
	if (network + (outer_v6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr)) + EK_GUE_OCTETS > end)
		return -1;
	ethernet->h_proto = bpf_htons(outer_v6 ? ETH_P_IPV6 : ETH_P_IP);
	ek_frame(ethernet, hop->destination, hop->source);
	if (outer_v6) {
		ek_write_outer6(network, &inner, ek_outer_protocol(server->method, v6), shim + inner.length, hop, server);
		ek_write_shim(network + sizeof(struct ipv6hdr), &inner, server, v6);
	} else {
		ek_write_outer4(network, &inner, ek_outer_protocol(server->method, v6), shim + inner.length, hop, server);
		ek_write_shim(network + sizeof(struct iphdr), &inner, server, v6);
	}
	return 0;
}

#endif
