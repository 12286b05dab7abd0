/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Reads headers, each checked against the end of the packet. What is looked at is IPv4 with UDP; everything else is
 * named by the ek_pass it ends in.
 */
#ifndef EVENKEEL_PACKET_H
#define EVENKEEL_PACKET_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "maps.h"

#define EK_IP_FRAGMENT 0x3fff	/* more fragments, or not the first (RFC 791) */
#define EK_IP_OFFSET 0x1fff

#define EK_READ 0		/* the packet can be looked up */

struct ek_packet {
	struct ethhdr *ethernet;
	struct iphdr *ip;
	struct udphdr *udp;
	__u32 length;		/* from the IP header on, as that says */
	__u8 fragment;
	__u8 malformed;		/* its lengths contradict each other or the frame */
};

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

/* Answers EK_READ, or 1 + the ek_pass that it is. */
static __always_inline int ek_read(struct ek_packet *packet, void *start, void *end, __u32 interface)
{
	struct ethhdr *ethernet = start;
	struct iphdr *ip = (void *)(ethernet + 1);
	__u32 header, udp_length, frame;
	struct udphdr *udp;

	if ((void *)ip > end)
		return 1 + EK_PASS_TRUNCATED;
	if (ethernet->h_proto != bpf_htons(ETH_P_IP))
		return 1 + EK_PASS_OTHER;
	if ((void *)(ip + 1) > end)
		return 1 + EK_PASS_TRUNCATED;
	header = ip->ihl * 4;
	if (ip->version != 4 || header < sizeof(*ip) || ip->protocol != IPPROTO_UDP)
		return 1 + EK_PASS_OTHER;
	if (ip->frag_off & bpf_htons(EK_IP_OFFSET))
		return 1 + EK_PASS_OTHER;	/* it has no ports */
	udp = (void *)ip + header;
	if ((void *)(udp + 1) > end)
		return 1 + EK_PASS_TRUNCATED;
	if (!ek_for_us(ethernet, interface))
		return 1 + EK_PASS_ELSEWHERE;

	frame = end - (void *)ip;
	udp_length = bpf_ntohs(udp->len);
	packet->ethernet = ethernet;
	packet->ip = ip;
	packet->udp = udp;
	packet->length = bpf_ntohs(ip->tot_len);
	packet->fragment = !!(ip->frag_off & bpf_htons(EK_IP_FRAGMENT));
	packet->malformed = packet->length > frame || udp_length < sizeof(*udp) ||
		(!packet->fragment && header + udp_length > packet->length);
	return EK_READ;
}

#endif
