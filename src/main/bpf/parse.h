/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Reads headers. Every function checks what it reads against the end of the packet, and nothing here writes.
 */
#ifndef EVENKEEL_PARSE_H
#define EVENKEEL_PARSE_H

#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "layout.h"

/* Tags that are looked through: a customer's inside a provider's (IEEE 802.1ad). More is EK_VERDICT_PASS_OTHER. */
#define EK_VLAN_TAGS 2

/* The bytes of a packet that a program may touch directly. */
struct ek_packet {
	void *start;
	void *end;
};

/* A tag as it stands behind the type that announces it (IEEE 802.1Q). */
struct ek_vlan {
	__be16 tag;
	__be16 inner_type;
};

static __always_inline int ek_is_vlan(__be16 type)
{
	return type == bpf_htons(ETH_P_8021Q) || type == bpf_htons(ETH_P_8021AD);
}

/* What the Ethernet header and the tags behind it announce. */
static __always_inline enum ek_verdict ek_network_layer(const struct ek_packet *packet)
{
	struct ethhdr *ethernet = packet->start;
	struct ek_vlan *vlan;
	__be16 type;
	int tags;

	vlan = (void *)(ethernet + 1);
	if ((void *)vlan > packet->end)
		return EK_VERDICT_PASS_TRUNCATED;
	type = ethernet->h_proto;

#pragma unroll
	for (tags = 0; tags < EK_VLAN_TAGS; tags++) {
		if (!ek_is_vlan(type))
			break;
		if ((void *)(vlan + 1) > packet->end)
			return EK_VERDICT_PASS_TRUNCATED;
		type = vlan->inner_type;
		vlan++;
	}

	if (type == bpf_htons(ETH_P_IP))
		return EK_VERDICT_PASS_IPV4;
	if (type == bpf_htons(ETH_P_IPV6))
		return EK_VERDICT_PASS_IPV6;
	return EK_VERDICT_PASS_OTHER;
}

#endif
