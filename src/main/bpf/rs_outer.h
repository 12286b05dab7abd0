/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Reads a packet from the outside in, down to the inner IP header. Bytes are copied out of the packet one header at a
 * time, since a packet need not lie in one piece. Nothing is changed here.
 *
 *   IPv4 (RFC 791) or IPv6 (RFC 8200) to one of our own addresses, then
 *     ipip  protocol 4 (RFC 2003) or 41 (RFC 4213, RFC 2473)                               inner header
 *     gre   protocol 47 (RFC 2784): flags 16 [C, 12 bits that are 0, version 3], type 16, if C: checksum 16, 0 16
 *     gue   UDP to a port (RFC 768): version 2 = 0, control 1 = 0, length 5 = 0, protocol 8 = 4 or 41, flags 16 = 0
 *           or version 2 = 1: the inner header itself, whose own version begins with the same two bits
 *           (draft-ietf-intarea-gue, sections 3 and 4)
 */
#ifndef EVENKEEL_RS_OUTER_H
#define EVENKEEL_RS_OUTER_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "rs_abi.h"
#include "rs_maps.h"

#define RS_IP_AT ETH_HLEN
#define RS_IP_MORE 0x2000
#define RS_IP_OFFSET 0x1fff
#define RS_IP_LONGEST 60
#define RS_EXTENSIONS 4		/* more extension headers than these are not read */
#define RS_GRE_CHECKSUM 0x8000
#define RS_GUE_CONTROL 0x20
#define RS_GUE_LENGTH 0x1f

#define RS_FOUND -1		/* the inner packet is read; every other answer is the enum rs_outcome it ends in */

struct rs_packet {
	__u32 at;		/* where what is read next begins, from the Ethernet header on */
	__u32 left;		/* how much there is from there on, by the lengths in the headers */
	__u8 tunnel;		/* enum rs_tunnel */
	__u8 outer6;
	__u8 inner6;
	__u8 outer_tos;
	__u8 inner_tos;
};

static __always_inline int rs_load(struct __sk_buff *skb, struct rs_packet *packet, void *into, __u32 bytes)
{
	return packet->left < bytes || bpf_skb_load_bytes(skb, packet->at, into, bytes);
}

static __always_inline void rs_skip(struct rs_packet *packet, __u32 bytes)
{
	packet->at += bytes;
	packet->left -= bytes;
}

static __always_inline int rs_serves(const struct rs_control *control, enum rs_tunnel tunnel)
{
	return control->tunnels >> tunnel & 1;
}

/* Does this protocol number lead into a tunnel that we serve? A fragment of UDP without its ports does not. */
static __always_inline int rs_leads(struct __sk_buff *skb, const struct rs_control *control, __u8 protocol, __u32 at,
				    int headless)
{
	__be16 port;

	switch (protocol) {
	case IPPROTO_IPIP:
	case IPPROTO_IPV6:
		return rs_serves(control, RS_IPIP);
	case IPPROTO_GRE:
		return rs_serves(control, RS_GRE);
	case IPPROTO_UDP:
		if (!rs_serves(control, RS_GUE) || headless)
			return 0;
		return !bpf_skb_load_bytes(skb, at + 2, &port, sizeof(port)) && port == control->gue_port;
	}
	return 0;
}

/* The checksum over an IPv4 header with its options. */
static __always_inline int rs_sound(struct __sk_buff *skb, __u32 bytes)
{
	__u8 header[RS_IP_LONGEST] = {};
	__s64 sum;

	if (bytes < sizeof(struct iphdr) || bytes > sizeof(header) ||
	    bpf_skb_load_bytes(skb, RS_IP_AT, header, bytes))
		return 0;
	sum = bpf_csum_diff(NULL, 0, (__be32 *)header, sizeof(header), 0);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

/* Steps over the outer IPv4 header; answers RS_FOUND with *protocol, or the outcome. */
static __always_inline int rs_outer4(struct __sk_buff *skb, const struct rs_control *control, struct rs_packet *packet,
				     __u8 *protocol)
{
	struct rs_address to;
	__u32 header, length;
	struct iphdr ip;
	__u16 fragment;

	if (bpf_skb_load_bytes(skb, RS_IP_AT, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5)
		return RS_NOT_OURS;
	rs_v4(&to, ip.daddr);
	if (rs_is_vip(&to))
		return RS_DIRECT_4;
	header = ip.ihl * 4;
	fragment = bpf_ntohs(ip.frag_off);
	if (!rs_leads(skb, control, ip.protocol, RS_IP_AT + header, fragment & RS_IP_OFFSET) || !rs_is_own(&to))
		return RS_NOT_OURS;
	if (fragment & (RS_IP_MORE | RS_IP_OFFSET))
		return RS_FRAGMENT;
	length = bpf_ntohs(ip.tot_len);
	if (length < header || RS_IP_AT + length > skb->len || !rs_sound(skb, header))
		return RS_MALFORMED;
	packet->at = RS_IP_AT + header;
	packet->left = length - header;
	packet->outer_tos = ip.tos;
	*protocol = ip.protocol;
	return RS_FOUND;
}

/* Steps over the outer IPv6 header and options that ask nothing of us; answers as rs_outer4. */
static __always_inline int rs_outer6(struct __sk_buff *skb, const struct rs_control *control, struct rs_packet *packet,
				     __u8 *protocol)
{
	int fragment = 0, headless = 0, malformed;
	struct rs_address to;
	struct ipv6hdr ip;
	__u8 next;

	if (bpf_skb_load_bytes(skb, RS_IP_AT, &ip, sizeof(ip)) || ip.version != 6)
		return RS_NOT_OURS;
	rs_v6(&to, &ip.daddr);
	if (rs_is_vip(&to))
		return RS_DIRECT_6;
	packet->at = RS_IP_AT + sizeof(ip);
	packet->left = bpf_ntohs(ip.payload_len);
	packet->outer_tos = ip.priority << 4 | ip.flow_lbl[0] >> 4;
	malformed = packet->at + packet->left > skb->len;
	next = ip.nexthdr;
	for (int i = 0; i < RS_EXTENSIONS; i++) {
		struct {
			__u8 next;
			__u8 length;
			__be16 offset;		/* of a fragment, with its flags */
		} extension;

		if (next != IPPROTO_HOPOPTS && next != IPPROTO_DSTOPTS && next != IPPROTO_FRAGMENT)
			break;
		if (rs_load(skb, packet, &extension, sizeof(extension)))
			return RS_NOT_OURS;
		if (next == IPPROTO_FRAGMENT) {
			fragment = 1;
			headless = bpf_ntohs(extension.offset) >> 3;
			extension.length = 0;
		}
		next = extension.next;
		if (packet->left < 8 + 8 * (__u32)extension.length)
			return RS_NOT_OURS;
		rs_skip(packet, 8 + 8 * (__u32)extension.length);
	}
	if (!rs_leads(skb, control, next, packet->at, headless) || !rs_is_own(&to))
		return RS_NOT_OURS;
	if (fragment)
		return RS_FRAGMENT;
	if (malformed)
		return RS_MALFORMED;
	*protocol = next;
	return RS_FOUND;
}

static __always_inline int rs_gre(struct __sk_buff *skb, struct rs_packet *packet)
{
	struct {
		__be16 flags;
		__be16 type;
	} gre;
	__u32 header = sizeof(gre);

	packet->tunnel = RS_GRE;
	if (rs_load(skb, packet, &gre, sizeof(gre)))
		return RS_MALFORMED;
	if (gre.flags & ~bpf_htons(RS_GRE_CHECKSUM))
		return RS_UNSUPPORTED;
	if (gre.type != bpf_htons(ETH_P_IP) && gre.type != bpf_htons(ETH_P_IPV6))
		return RS_UNSUPPORTED;
	if (gre.flags)
		header += 4;
	if (packet->left < header)
		return RS_MALFORMED;
	packet->inner6 = gre.type == bpf_htons(ETH_P_IPV6);
	rs_skip(packet, header);
	return RS_FOUND;
}

static __always_inline int rs_gue(struct __sk_buff *skb, struct rs_packet *packet)
{
	struct udphdr udp;
	__u8 gue[4];
	__u32 length;

	packet->tunnel = RS_GUE;
	if (rs_load(skb, packet, &udp, sizeof(udp)))
		return RS_MALFORMED;
	length = bpf_ntohs(udp.len);
	if (length < sizeof(udp) || length > packet->left)
		return RS_MALFORMED;
	packet->left = length;
	rs_skip(packet, sizeof(udp));
	if (rs_load(skb, packet, gue, sizeof(gue)))
		return RS_MALFORMED;
	switch (gue[0] >> 6) {
	case 0:
		break;
	case 1:
		packet->inner6 = gue[0] >> 4 == 6;
		return packet->inner6 || gue[0] >> 4 == 4 ? RS_FOUND : RS_UNSUPPORTED;
	default:
		return RS_UNSUPPORTED;
	}
	if (gue[0] & (RS_GUE_CONTROL | RS_GUE_LENGTH) || gue[2] || gue[3])
		return RS_UNSUPPORTED;
	if (gue[1] != IPPROTO_IPIP && gue[1] != IPPROTO_IPV6)
		return RS_UNSUPPORTED;
	packet->inner6 = gue[1] == IPPROTO_IPV6;
	rs_skip(packet, sizeof(gue));
	return RS_FOUND;
}

static __always_inline int rs_inner4(struct __sk_buff *skb, struct rs_packet *packet)
{
	struct rs_address to;
	struct iphdr ip;
	__u32 length;

	if (rs_load(skb, packet, &ip, sizeof(ip)))
		return RS_MALFORMED;
	length = bpf_ntohs(ip.tot_len);
	if (ip.version != 4 || ip.ihl < 5 || length < ip.ihl * 4u || length > packet->left)
		return RS_MALFORMED;
	packet->inner_tos = ip.tos;
	rs_v4(&to, ip.daddr);
	return rs_is_vip(&to) ? RS_FOUND : RS_NOT_A_VIP;
}

static __always_inline int rs_inner6(struct __sk_buff *skb, struct rs_packet *packet)
{
	struct rs_address to;
	struct ipv6hdr ip;

	if (rs_load(skb, packet, &ip, sizeof(ip)))
		return RS_MALFORMED;
	if (ip.version != 6 || bpf_ntohs(ip.payload_len) + sizeof(ip) > packet->left)
		return RS_MALFORMED;
	packet->inner_tos = ip.priority << 4 | ip.flow_lbl[0] >> 4;
	rs_v6(&to, &ip.daddr);
	return rs_is_vip(&to) ? RS_FOUND : RS_NOT_A_VIP;
}

/* Answers RS_FOUND with packet->at where the inner header begins, or the outcome. */
static __always_inline int rs_read(struct __sk_buff *skb, const struct rs_control *control, struct rs_packet *packet)
{
	__u8 protocol = 0;
	int found;

	packet->outer6 = skb->protocol == bpf_htons(ETH_P_IPV6);
	found = packet->outer6 ? rs_outer6(skb, control, packet, &protocol) : rs_outer4(skb, control, packet, &protocol);
	if (found != RS_FOUND)
		return found;
	switch (protocol) {
	case IPPROTO_GRE:
		found = rs_gre(skb, packet);
		break;
	case IPPROTO_UDP:
		found = rs_gue(skb, packet);
		break;
	default:
		packet->tunnel = RS_IPIP;
		packet->inner6 = protocol == IPPROTO_IPV6;
	}
	if (found != RS_FOUND)
		return found;
	return packet->inner6 ? rs_inner6(skb, packet) : rs_inner4(skb, packet);
}

#endif
