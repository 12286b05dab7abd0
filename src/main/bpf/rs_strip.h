/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Takes the outer headers off a packet that rs_outer.h has read, and passes congestion marks on inwards (RFC 6040). */
#ifndef EVENKEEL_RS_STRIP_H
#define EVENKEEL_RS_STRIP_H

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "rs_abi.h"
#include "rs_outer.h"

#define RS_ECN 3
#define RS_ECN_CONGESTED 3

/* Not in the headers of a build machine older than Linux 6.3. */
#define RS_TO_IPV4 (1ULL << 7)	/* BPF_F_ADJ_ROOM_DECAP_L3_IPV4 */
#define RS_TO_IPV6 (1ULL << 8)	/* BPF_F_ADJ_ROOM_DECAP_L3_IPV6 */

/* Marks the inner packet as congested if the outer one is. Answers RS_FOUND, or the outcome. */
static __always_inline int rs_congestion(struct __sk_buff *skb, const struct rs_packet *packet)
{
	__u8 tos = packet->inner_tos | RS_ECN_CONGESTED;
	__u8 first[2];

	if ((packet->outer_tos & RS_ECN) != RS_ECN_CONGESTED || (packet->inner_tos & RS_ECN) == RS_ECN_CONGESTED)
		return RS_FOUND;
	if (!(packet->inner_tos & RS_ECN))
		return RS_REFUSED_CONGESTED;
	if (packet->inner6) {
		if (bpf_skb_load_bytes(skb, packet->at, first, sizeof(first)))
			return RS_REFUSED_FAILED;
		first[1] |= RS_ECN_CONGESTED << 4;
		return bpf_skb_store_bytes(skb, packet->at, first, sizeof(first), BPF_F_RECOMPUTE_CSUM) ?
			RS_REFUSED_FAILED : RS_FOUND;
	}
	/* The header's checksum and its change cancel out in the sum over the whole packet: no BPF_F_RECOMPUTE_CSUM. */
	if (bpf_l3_csum_replace(skb, packet->at + offsetof(struct iphdr, check), bpf_htons(packet->inner_tos),
				bpf_htons(tos), 2) ||
	    bpf_skb_store_bytes(skb, packet->at + offsetof(struct iphdr, tos), &tos, sizeof(tos), 0))
		return RS_REFUSED_FAILED;
	return RS_FOUND;
}

/*
 * UDP's segmentation offload keeps its size (BPF_F_ADJ_ROOM_FIXED_GSO): it parts datagrams. Where the kernel cannot
 * change families while it shrinks, bpf_skb_change_proto does, and adds or removes 20 bytes at it.
 */
static __always_inline long rs_shrink(struct __sk_buff *skb, const struct rs_control *control,
				      const struct rs_packet *packet)
{
	__be16 type = packet->inner6 ? bpf_htons(ETH_P_IPV6) : bpf_htons(ETH_P_IP);
	__s32 bytes = packet->at - RS_IP_AT;
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;

	if (packet->inner6 != packet->outer6) {
		if (control->crosses) {
			flags |= packet->inner6 ? RS_TO_IPV6 : RS_TO_IPV4;
		} else {
			if (bpf_skb_change_proto(skb, type, 0))
				return -1;
			bytes += packet->inner6 ? 20 : -20;
		}
	}
	if (bpf_skb_adjust_room(skb, -bytes, BPF_ADJ_ROOM_MAC, flags))
		return -1;
	return packet->inner6 == packet->outer6 ? 0 :
		bpf_skb_store_bytes(skb, offsetof(struct ethhdr, h_proto), &type, sizeof(type), 0);
}

/* Answers the outcome. */
static __always_inline int rs_strip(struct __sk_buff *skb, const struct rs_control *control,
				    const struct rs_packet *packet)
{
	int outcome = rs_congestion(skb, packet);

	if (outcome != RS_FOUND)
		return outcome;
	if (rs_shrink(skb, control, packet))
		return RS_REFUSED_FAILED;
	return RS_STRIPPED + 4 * packet->tunnel + 2 * packet->outer6 + packet->inner6;
}

#endif
