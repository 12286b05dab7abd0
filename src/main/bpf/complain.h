/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * ICMP errors of our own, where IPVS sends them: nobody can serve the client (port unreachable), no hop is left (time
 * exceeded), the packet is longer than the way allows and may not be cut (fragmentation needed, packet too big). RFC 792,
 * RFC 1191, RFC 4443. From the VIP, back the way the packet came, quoting its network header and 8 octets, so many a
 * second and CPU at most.
 */
#ifndef EVENKEEL_COMPLAIN_H
#define EVENKEEL_COMPLAIN_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "clock.h"
#include "count.h"
#include "icmp.h"
#include "packet.h"
#include "rewrite.h"

#define EK_COMPLAINTS_A_TICK 256	/* about 1,000 a second and CPU */
#define EK_COMPLAINT_HOPS 64
#define EK_QUOTED 8			/* octets of what follows the quoted network header */
#define EK_QUOTED_WORDS4 34		/* 60 octets of header and those 8, in words of 16 bits */
#define EK_QUOTED_WORDS6 24

/* One more may be sent now. */
static __always_inline int ek_may_complain(void)
{
	struct ek_clock *clock = ek_clocks_at(bpf_get_smp_processor_id());
	__u32 now = ek_now();

	if (!clock)
		return 0;
	if (clock->complained != now) {
		clock->complained = now;
		clock->complaints = 0;
	}
	return clock->complaints++ < EK_COMPLAINTS_A_TICK;
}

static __always_inline __u16 ek_folded(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Type and code, or -1 when nothing is said of it. */
static __always_inline int ek_type4(__u32 reason, int may_be_cut)
{
	if (reason == EK_NO_REALSERVER || reason == EK_OVERLOADED)
		return EK_ICMP_UNREACHABLE << 8 | EK_ICMP_PORT;
	if (reason == EK_TTL_EXPIRED)
		return EK_ICMP_TIME_EXCEEDED << 8;
	if (reason == EK_TOO_BIG && !may_be_cut)
		return EK_ICMP_UNREACHABLE << 8 | EK_ICMP_TOO_BIG;
	return -1;
}

static __always_inline int ek_type6(__u32 reason)
{
	if (reason == EK_NO_REALSERVER || reason == EK_OVERLOADED)
		return EK_ICMP6_UNREACHABLE << 8 | EK_ICMP6_PORT;
	if (reason == EK_TTL_EXPIRED)
		return EK_ICMP6_TIME_EXCEEDED << 8;
	if (reason == EK_TOO_BIG)
		return EK_ICMP6_TOO_BIG << 8;
	return -1;
}

/* The frame goes back to where it came from. */
static __always_inline void ek_turn_round(struct ethhdr *to, const struct ethhdr *from)
{
	__u8 ours[ETH_ALEN], theirs[ETH_ALEN];

	__builtin_memcpy(ours, from->h_dest, ETH_ALEN);
	__builtin_memcpy(theirs, from->h_source, ETH_ALEN);
	ek_frame(to, theirs, ours);
	to->h_proto = from->h_proto;
}

/* Makes room for `before` octets and cuts what follows `kept` octets of the network packet. */
static __always_inline int ek_reshape(struct xdp_md *ctx, int before, int kept)
{
	int length = (int)(ctx->data_end - ctx->data) - (int)sizeof(struct ethhdr);

	return bpf_xdp_adjust_tail(ctx, kept - length) || bpf_xdp_adjust_head(ctx, -before);
}

static __noinline int ek_complain4(struct xdp_md *ctx, __u32 reason, __u32 mtu)
{
	struct iphdr *quoted = (void *)(long)ctx->data + sizeof(struct ethhdr), *ip;
	struct ethhdr *ethernet;
	struct ek_icmp *icmp;
	__be32 client, vip;
	__u64 sum = 0;
	int type, header, i;
	__u16 *word;

	if ((void *)(quoted + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	type = ek_type4(reason, !(quoted->frag_off & bpf_htons(0x4000)));
	header = quoted->ihl * 4;
	client = quoted->saddr;
	vip = quoted->daddr;
	if (type < 0 || ek_reshape(ctx, sizeof(*ip) + sizeof(*icmp), header + EK_QUOTED))
		return XDP_DROP;
	ethernet = (void *)(long)ctx->data;
	ip = (void *)(ethernet + 1);
	icmp = (void *)(ip + 1);
	if ((void *)(icmp + 1) + sizeof(*ethernet) > (void *)(long)ctx->data_end)
		return XDP_DROP;	/* cannot be: the verifier wants to hear it */
	ek_turn_round(ethernet, (void *)(icmp + 1) - sizeof(*ethernet));
	__builtin_memset(ip, 0, sizeof(*ip) + sizeof(*icmp));
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = bpf_htons(sizeof(*ip) + sizeof(*icmp) + header + EK_QUOTED);
	ip->ttl = EK_COMPLAINT_HOPS;
	ip->protocol = IPPROTO_ICMP;
	ip->saddr = vip;
	ip->daddr = client;
#pragma unroll
	for (i = 0; i < 10; i++)
		sum += ((__u16 *)ip)[i];
	ip->check = ek_folded(sum);
	icmp->type = type >> 8;
	icmp->code = type;
	if (reason == EK_TOO_BIG)
		icmp->rest = bpf_htonl(mtu & 0xffff);
	sum = (__u64)*(__u32 *)icmp + icmp->rest;
	for (i = 0; i < EK_QUOTED_WORDS4; i++) {
		word = (__u16 *)(icmp + 1) + i;
		if ((void *)(word + 1) > (void *)(long)ctx->data_end)
			break;
		sum += *word;
	}
	icmp->checksum = ek_folded(sum);
	return XDP_TX;
}

static __noinline int ek_complain6(struct xdp_md *ctx, __u32 reason, __u32 mtu)
{
	struct ipv6hdr *quoted = (void *)(long)ctx->data + sizeof(struct ethhdr), *ip;
	int type = ek_type6(reason), i;
	struct ethhdr *ethernet;
	struct ek_icmp *icmp;
	__u64 sum;

	if (type < 0 || (void *)(quoted + 1) > (void *)(long)ctx->data_end ||
	    (quoted->nexthdr != IPPROTO_UDP && quoted->nexthdr != IPPROTO_TCP) ||
	    ek_reshape(ctx, sizeof(*ip) + sizeof(*icmp), sizeof(*ip) + EK_QUOTED))
		return XDP_DROP;
	ethernet = (void *)(long)ctx->data;
	ip = (void *)(ethernet + 1);
	icmp = (void *)(ip + 1);
	quoted = (void *)(icmp + 1);
	if ((void *)(quoted + 1) + EK_QUOTED > (void *)(long)ctx->data_end)
		return XDP_DROP;	/* cannot be: the verifier wants to hear it */
	ek_turn_round(ethernet, (void *)quoted - sizeof(*ethernet));
	*(__be32 *)ip = bpf_htonl(6U << 28);
	ip->payload_len = bpf_htons(sizeof(*icmp) + sizeof(*quoted) + EK_QUOTED);
	ip->nexthdr = IPPROTO_ICMPV6;
	ip->hop_limit = EK_COMPLAINT_HOPS;
	ip->saddr = quoted->daddr;
	ip->daddr = quoted->saddr;
	__builtin_memset(icmp, 0, sizeof(*icmp));
	icmp->type = type >> 8;
	icmp->code = type;
	if (reason == EK_TOO_BIG)
		icmp->rest = bpf_htonl(mtu);
	/* The pseudo-header (RFC 8200 8.1): addresses, length, next header. */
	sum = (__u64)ip->payload_len + bpf_htons(IPPROTO_ICMPV6);
#pragma unroll
	for (i = 0; i < 8; i++)
		sum += ip->saddr.in6_u.u6_addr32[i & 3] * (__u64)(i < 4) + ip->daddr.in6_u.u6_addr32[i & 3] * (__u64)(i >= 4);
#pragma unroll
	for (i = 0; i < 2; i++)
		sum += ((__u32 *)icmp)[i];
#pragma unroll
	for (i = 0; i < EK_QUOTED_WORDS6 / 2; i++)
		sum += ((__u32 *)quoted)[i];
	icmp->checksum = ek_folded(sum);
	return XDP_TX;
}

/* Tells the client why its packet was dropped, if that is told. Afterwards nothing that pointed into the packet holds. */
static __always_inline int ek_complain(struct xdp_md *ctx, __u32 reason, __u32 mtu, const int v6)
{
	struct ek_pass_count *lane = ek_pass_counts_at(bpf_get_smp_processor_id());
	int action;

	if (!lane || (reason != EK_NO_REALSERVER && reason != EK_OVERLOADED && reason != EK_TTL_EXPIRED &&
		      reason != EK_TOO_BIG))
		return XDP_DROP;
	if (!ek_may_complain()) {
		lane->complaints_spared++;
		return XDP_DROP;
	}
	action = v6 ? ek_complain6(ctx, reason, mtu) : ek_complain4(ctx, reason, mtu);
	if (action != XDP_TX)
		return action;
	lane->complaints++;
	return ek_out(ctx->ingress_ifindex, ctx->ingress_ifindex);
}

#endif
