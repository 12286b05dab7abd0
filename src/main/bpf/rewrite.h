/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Changes a packet in place: one address and port, the hop count, the Ethernet addresses, and the checksums by what
 * changed.
 */
#ifndef EVENKEEL_REWRITE_H
#define EVENKEEL_REWRITE_H

#include "checksum.h"
#include "packet.h"

static __always_inline void ek_one_hop_less(struct iphdr *ip, __u64 change)
{
	__u16 before = *(__u16 *)&ip->ttl;	/* with the protocol, as the checksum sees it */

	ip->ttl--;
	ip->check = ek_checksum(ip->check, change + ek_change(before, *(__u16 *)&ip->ttl));
}

/* DNAT: what was addressed to the VIP is addressed to the realserver. */
static __always_inline void ek_to_server(struct ek_packet *packet, __be32 address, __be16 port)
{
	__u64 ip_change = ek_change(packet->ip->daddr, address);
	__u64 change = ip_change + ek_change(packet->udp->dest, port);

	packet->udp->check = ek_udp_checksum(packet->udp->check, change);
	packet->udp->dest = port;
	packet->ip->daddr = address;
	ek_one_hop_less(packet->ip, ip_change);
}

/* And back: what comes from the realserver comes from the VIP. */
static __always_inline void ek_from_vip(struct ek_packet *packet, __be32 address, __be16 port)
{
	__u64 ip_change = ek_change(packet->ip->saddr, address);
	__u64 change = ip_change + ek_change(packet->udp->source, port);

	packet->udp->check = ek_udp_checksum(packet->udp->check, change);
	packet->udp->source = port;
	packet->ip->saddr = address;
	ek_one_hop_less(packet->ip, ip_change);
}

static __always_inline void ek_frame(struct ethhdr *ethernet, const __u8 *destination, const __u8 *source)
{
	__builtin_memcpy(ethernet->h_dest, destination, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, source, ETH_ALEN);
}

#endif
