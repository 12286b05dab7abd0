/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Reads headers, each checked against the end of the packet. What is looked at is IPv4 and IPv6 with UDP and TCP;
 * everything else is named by the ek_pass it ends in.
 *
 * Functions here and below that take `v6` are compiled once for each family, with it as a constant.
 */
#ifndef EVENKEEL_PACKET_H
#define EVENKEEL_PACKET_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "maps.h"

#define EK_IP_FRAGMENT 0x3fff	/* more fragments, or not the first (RFC 791) */
#define EK_IP_OFFSET 0x1fff
#define EK_IP6_FRAGMENT 0xfff9	/* the same in the fragment header (RFC 8200 4.5) */
#define EK_IP6_OFFSET 0xfff8
#define EK_IP6_EXTENSIONS 4	/* headers between IPv6 and its payload that are walked over */
#define EK_IP6_MOST_SKIPPED 0x3fff	/* they are shorter together */

#define EK_TCP_FIN 0x01
#define EK_TCP_SYN 0x02
#define EK_TCP_RST 0x04
#define EK_TCP_ACK 0x10

#define EK_READ 0		/* the packet can be looked up */
#define EK_LATER (-1)		/* it is a fragment without ports: `ports` says nothing */

struct ek_packet {
	struct ethhdr *ethernet;
	void *network;		/* struct iphdr or ipv6hdr */
	__be16 *ports;		/* source, destination: where the transport header begins */
	void *end;		/* of the frame */
	__u32 length;		/* from the network header on, as that says */
	__u8 protocol;
	__u8 tcp_flags;
	__u8 fragment;		/* it is one, the first or a later */
	__u8 later;		/* it is not the first */
	__u8 malformed;		/* its lengths contradict each other or the frame */
	__u32 id;		/* of its datagram, if it is a fragment */
};

static __always_inline __be32 *ek_source(const struct ek_packet *packet, const int v6)
{
	return v6 ? ((struct ipv6hdr *)packet->network)->saddr.in6_u.u6_addr32 : &((struct iphdr *)packet->network)->saddr;
}

static __always_inline __be32 *ek_destination(const struct ek_packet *packet, const int v6)
{
	return v6 ? ((struct ipv6hdr *)packet->network)->daddr.in6_u.u6_addr32 : &((struct iphdr *)packet->network)->daddr;
}

static __always_inline int ek_same_address(const __be32 *one, const __be32 *other, const int v6)
{
	if (!v6)
		return one[0] == other[0];
	return !((one[0] ^ other[0]) | (one[1] ^ other[1]) | (one[2] ^ other[2]) | (one[3] ^ other[3]));
}

static __always_inline __u8 ek_hops(const struct ek_packet *packet, const int v6)
{
	return v6 ? ((struct ipv6hdr *)packet->network)->hop_limit : ((struct iphdr *)packet->network)->ttl;
}

static __always_inline int ek_same_mac(const __u8 *one, const __u8 *other)
{
	const __u16 *a = (const __u16 *)one, *b = (const __u16 *)other;

	return !((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]));
}

/* Addressed to this machine's interface: not to many, nor to a neighbour whose frames a bridge floods. */
static __always_inline int ek_for_us(const struct ethhdr *ethernet, __u32 interface)
{
	struct ek_interface *ours = ek_interfaces_at(interface & (EK_INTERFACES - 1));

	return ours && ours->index == interface && ek_same_mac(ethernet->h_dest, ours->address);
}

/* What follows `before` octets of network headers, and that its lengths agree. */
static __always_inline int ek_read_transport(struct ek_packet *packet, void *transport, void *end, __u32 before)
{
	struct udphdr *udp = transport;
	struct tcphdr *tcp = transport;
	__u32 length;

	packet->ports = transport;
	packet->tcp_flags = 0;
	if (packet->protocol == IPPROTO_UDP) {
		if ((void *)(udp + 1) > end)
			return 1 + EK_PASS_TRUNCATED;
		length = bpf_ntohs(udp->len);
		packet->malformed |= length < sizeof(*udp) || (!packet->fragment && before + length > packet->length);
		return EK_READ;
	}
	if (packet->protocol != IPPROTO_TCP)
		return 1 + EK_PASS_OTHER;
	if ((void *)(tcp + 1) > end)
		return 1 + EK_PASS_TRUNCATED;
	length = tcp->doff * 4;
	packet->tcp_flags = ((__u8 *)tcp)[13];
	packet->malformed |= length < sizeof(*tcp) || (!packet->fragment && before + length > packet->length);
	return EK_READ;
}

/* A later fragment: of a protocol of ours? */
static __always_inline int ek_is_later(struct ek_packet *packet)
{
	packet->later = 1;
	packet->ports = packet->network;	/* so that there is something */
	return packet->protocol == IPPROTO_UDP || packet->protocol == IPPROTO_TCP ? EK_LATER : 1 + EK_PASS_OTHER;
}

static __always_inline int ek_read4(struct ek_packet *packet, void *end)
{
	struct iphdr *ip = packet->network;
	__u32 header;

	if ((void *)(ip + 1) > end)
		return 1 + EK_PASS_TRUNCATED;
	header = ip->ihl * 4;
	if (ip->version != 4 || header < sizeof(*ip))
		return 1 + EK_PASS_OTHER;
	packet->protocol = ip->protocol;
	packet->length = bpf_ntohs(ip->tot_len);
	packet->fragment = !!(ip->frag_off & bpf_htons(EK_IP_FRAGMENT));
	packet->malformed = packet->length > (__u32)(end - (void *)ip);
	if (packet->fragment)
		packet->id = ip->id;
	if (ip->frag_off & bpf_htons(EK_IP_OFFSET))
		return ek_is_later(packet);
	return ek_read_transport(packet, (void *)ip + header, end, header);
}

static __always_inline int ek_read6(struct ek_packet *packet, void *end, const struct ek_control *control)
{
	struct ipv6hdr *ip = packet->network;
	__u8 *header = (void *)(ip + 1);
	__u32 skipped = 0, step;
	__be16 fragment;
	int i;

	if ((void *)header > end)
		return 1 + EK_PASS_TRUNCATED;
	if (ip->version != 6)
		return 1 + EK_PASS_OTHER;
	packet->protocol = ip->nexthdr;
	packet->length = sizeof(*ip) + bpf_ntohs(ip->payload_len);
	packet->fragment = 0;
	packet->malformed = packet->length > (__u32)(end - (void *)ip);
#pragma unroll
	for (i = 0; i < EK_IP6_EXTENSIONS; i++) {
		if (packet->protocol == IPPROTO_UDP || packet->protocol == IPPROTO_TCP)
			break;
		if (packet->protocol != IPPROTO_FRAGMENT && packet->protocol != IPPROTO_HOPOPTS &&
		    packet->protocol != IPPROTO_ROUTING && packet->protocol != IPPROTO_DSTOPTS)
			return 1 + EK_PASS_OTHER;
		if ((void *)(header + 8) > end)
			return 1 + EK_PASS_TRUNCATED;
		if (packet->protocol == IPPROTO_ROUTING && header[3])
			return 1 + EK_PASS_OTHER;	/* it goes on to somewhere else (RFC 8200 4.4) */
		if (packet->protocol == IPPROTO_FRAGMENT) {
			fragment = *(__be16 *)(header + 2);
			packet->fragment |= !!(fragment & bpf_htons(EK_IP6_FRAGMENT));
			packet->id = *(__be32 *)(header + 4);
			if (fragment & bpf_htons(EK_IP6_OFFSET)) {
				packet->protocol = header[0];
				return ek_is_later(packet);
			}
			step = 8;
		} else {
			step = 8 + 8 * header[1];
		}
		packet->protocol = header[0];
		header += step;
		skipped += step;
	}
	skipped = (skipped ^ control->zero) & EK_IP6_MOST_SKIPPED;
	return ek_read_transport(packet, (void *)(ip + 1) + skipped, end, sizeof(*ip) + skipped);
}

/* Answers EK_READ, EK_LATER, or 1 + the ek_pass that it is. The frame's type has been seen to be the family's. */
static __always_inline int ek_read(struct ek_packet *packet, void *start, void *end, __u32 interface,
				   const struct ek_control *control, const int v6)
{
	int pass;

	packet->ethernet = start;
	packet->end = end;
	packet->network = start + sizeof(struct ethhdr);
	pass = v6 ? ek_read6(packet, end, control) : ek_read4(packet, end);
	if (pass > EK_READ)
		return pass;
	return ek_for_us(packet->ethernet, interface) ? pass : 1 + EK_PASS_ELSEWHERE;
}

#endif
