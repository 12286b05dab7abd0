/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Changes a packet in place: one address and port, the hop count, the Ethernet addresses, and the checksums by what
 * changed; and sends it.
 */
#ifndef EVENKEEL_REWRITE_H
#define EVENKEEL_REWRITE_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "checksum.h"
#include "maps.h"
#include "packet.h"

static __always_inline void ek_one_hop_less(struct ek_packet *packet, __u64 change, const int v6)
{
	struct iphdr *ip = packet->network;
	__u16 before;

	if (v6) {
		((struct ipv6hdr *)packet->network)->hop_limit--;
		return;
	}
	before = *(__u16 *)&ip->ttl;	/* with the protocol, as the checksum sees it */
	ip->ttl--;
	ip->check = ek_checksum(ip->check, change + ek_change(before, *(__u16 *)&ip->ttl));
}

/* Writes an address, and answers what that changes. */
static __always_inline __u64 ek_write_address(__be32 *at, const __be32 *address, const int v6)
{
	__u64 change = ek_change(at[0], address[0]);
	int i;

	at[0] = address[0];
	if (!v6)
		return change;
#pragma unroll
	for (i = 1; i < 4; i++) {
		change += ek_change(at[i], address[i]);
		at[i] = address[i];
	}
	return change;
}

/* Puts an address and a port where these stand: `port` is the source's or the destination's in packet->ports. */
static __always_inline void ek_rewrite(struct ek_packet *packet, __be32 *address_at, __be16 *port_at,
				       const __be32 *address, __be16 port, const int v6)
{
	__u64 ip_change = ek_write_address(address_at, address, v6);
	struct tcphdr *tcp = (void *)packet->ports;
	struct udphdr *udp = (void *)packet->ports;
	__u64 change;

	if (packet->later) {
		ek_one_hop_less(packet, ip_change, v6);
		return;		/* the first has the port, and the checksum of all */
	}
	change = ip_change + ek_change(*port_at, port);
	if (packet->protocol != IPPROTO_TCP)
		udp->check = ek_udp_checksum(udp->check, change);
	else if ((void *)(tcp + 1) <= packet->end)	/* as it was read: the verifier has forgotten */
		tcp->check = ek_checksum(tcp->check, change);
	*port_at = port;
	ek_one_hop_less(packet, ip_change, v6);
}

/* Another port alone; of a first fragment or a whole packet. */
static __always_inline void ek_rewrite_port(struct ek_packet *packet, __be16 *port_at, __be16 port)
{
	struct tcphdr *tcp = (void *)packet->ports;
	struct udphdr *udp = (void *)packet->ports;
	__u64 change = ek_change(*port_at, port);

	if (packet->protocol != IPPROTO_TCP)
		udp->check = ek_udp_checksum(udp->check, change);
	else if ((void *)(tcp + 1) <= packet->end)
		tcp->check = ek_checksum(tcp->check, change);
	*port_at = port;
}

/* DNAT: what was addressed to the VIP is addressed to the realserver. */
static __always_inline void ek_to_server(struct ek_packet *packet, const struct ek_server *server, const int v6)
{
	ek_rewrite(packet, ek_destination(packet, v6), &packet->ports[1], server->address, server->port, v6);
}

/* And back: what comes from the realserver comes from the VIP. */
static __always_inline void ek_from_vip(struct ek_packet *packet, const struct ek_service *service, const int v6)
{
	ek_rewrite(packet, ek_source(packet, v6), &packet->ports[0], service->address, service->port, v6);
}

/*
 * Sends the frame. XDP_TX is the shorter way out where it came in; but a veth does not wake a peer for it that has no XDP
 * program, only NAPI: there the frame would lie until the next one comes by another way.
 */
static __always_inline int ek_out(__u32 to, __u32 from)
{
	struct ek_interface *here;

	if (to != from)
		return bpf_redirect(to, 0);
	here = ek_interfaces_at(from & (EK_INTERFACES - 1));
	return here && here->redirects ? bpf_redirect(to, 0) : XDP_TX;
}

static __always_inline void ek_frame(struct ethhdr *ethernet, const __u8 *destination, const __u8 *source)
{
	__builtin_memcpy(ethernet->h_dest, destination, ETH_ALEN);
	__builtin_memcpy(ethernet->h_source, source, ETH_ALEN);
}

#endif
