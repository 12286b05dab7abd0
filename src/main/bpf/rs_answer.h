/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Where answers leave from. A UDP daemon that is bound to any address answers from whatever address the route back
 * chooses, unless it asks for IP_PKTINFO; the client asked the VIP and throws such an answer away. So a question at a
 * watched port is remembered when it comes in, and the answer is compared, and mended if that is wished, when it leaves.
 */
#ifndef EVENKEEL_RS_ANSWER_H
#define EVENKEEL_RS_ANSWER_H

#include <stddef.h>
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
#include "rs_outer.h"

struct rs_datagram {
	struct rs_address from;
	struct rs_address to;
	__be16 from_port;
	__be16 to_port;
	__u32 udp_at;
	__u8 v6;
	__u8 whole;		/* no fragment follows */
};

/* Reads a datagram of UDP, or the first fragment of one; answers 0 if it is something else. */
static __always_inline int rs_datagram(struct __sk_buff *skb, struct rs_datagram *datagram)
{
	__be16 ports[2];

	datagram->v6 = skb->protocol == bpf_htons(ETH_P_IPV6);
	datagram->whole = 1;
	if (datagram->v6) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, RS_IP_AT, &ip, sizeof(ip)) || ip.nexthdr != IPPROTO_UDP)
			return 0;
		rs_v6(&datagram->from, &ip.saddr);
		rs_v6(&datagram->to, &ip.daddr);
		datagram->udp_at = RS_IP_AT + sizeof(ip);
	} else if (skb->protocol == bpf_htons(ETH_P_IP)) {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, RS_IP_AT, &ip, sizeof(ip)) || ip.protocol != IPPROTO_UDP || ip.ihl < 5 ||
		    ip.frag_off & bpf_htons(RS_IP_OFFSET))
			return 0;
		rs_v4(&datagram->from, ip.saddr);
		rs_v4(&datagram->to, ip.daddr);
		datagram->udp_at = RS_IP_AT + ip.ihl * 4;
		datagram->whole = !(ip.frag_off & bpf_htons(RS_IP_MORE));
	} else {
		return 0;
	}
	if (bpf_skb_load_bytes(skb, datagram->udp_at, ports, sizeof(ports)))
		return 0;
	datagram->from_port = ports[0];
	datagram->to_port = ports[1];
	return 1;
}

/* What comes in for this machine, its outer headers gone: a question to a VIP, or to an address of the machine's own. */
static __always_inline void rs_note_question(struct __sk_buff *skb)
{
	struct rs_datagram datagram;
	struct rs_asking asking;

	if (skb->pkt_type != PACKET_HOST || !rs_datagram(skb, &datagram) ||
	    !bpf_map_lookup_elem(&rs_watched, &datagram.to_port))
		return;
	asking.client = datagram.from;
	asking.client_port = datagram.from_port;
	asking.port = datagram.to_port;
	if (rs_is_vip(&datagram.to))
		bpf_map_update_elem(&rs_asked, &asking, &datagram.to, BPF_ANY);
	else
		bpf_map_delete_elem(&rs_asked, &asking);
}

static __always_inline int rs_same(const struct rs_address *one, const struct rs_address *other)
{
	return one->version == other->version && one->word[0] == other->word[0] && one->word[1] == other->word[1] &&
		one->word[2] == other->word[2] && one->word[3] == other->word[3];
}

/* Answers 0 when the source is the VIP in both places. */
static __always_inline long rs_mend(struct __sk_buff *skb, struct rs_datagram *datagram, struct rs_address *vip)
{
	__u32 bytes = datagram->v6 ? 16 : 4;
	__u32 check = datagram->udp_at + offsetof(struct udphdr, check);
	__u32 source = RS_IP_AT +
		(datagram->v6 ? offsetof(struct ipv6hdr, saddr) : offsetof(struct iphdr, saddr));
	__s64 change = bpf_csum_diff(datagram->from.word, 16, vip->word, 16, 0);

	if (change < 0 ||
	    bpf_l4_csum_replace(skb, check, 0, change, BPF_F_PSEUDO_HDR | BPF_F_MARK_MANGLED_0))
		return -1;
	if (!datagram->v6 && bpf_l3_csum_replace(skb, RS_IP_AT + offsetof(struct iphdr, check),
						 datagram->from.word[0], vip->word[0], 4))
		return -1;
	return bpf_skb_store_bytes(skb, source, vip->word, bytes, 0);
}

/* Answers 0 unless the answer is spoilt, and has to be dropped. */
static __always_inline int rs_see_answer(struct __sk_buff *skb, const struct rs_control *control)
{
	struct rs_datagram datagram;
	struct rs_answers *answers;
	struct rs_asking asking;
	struct rs_address *asked, vip;
	__u32 count = skb->gso_segs > 1 ? skb->gso_segs : 1;

	if (!control->answers || !rs_datagram(skb, &datagram))
		return 0;
	answers = bpf_map_lookup_elem(&rs_watched, &datagram.from_port);
	if (!answers)
		return 0;
	asking.client = datagram.to;
	asking.client_port = datagram.to_port;
	asking.port = datagram.from_port;
	asked = bpf_map_lookup_elem(&rs_asked, &asking);
	if (!asked)
		return 0;
	if (rs_same(asked, &datagram.from)) {
		__sync_fetch_and_add(&answers->from_vip, count);
		return 0;
	}
	if (!(control->answers & RS_MEND) || !datagram.whole || datagram.from.version != asked->version) {
		__sync_fetch_and_add(&answers->from_elsewhere, count);
		return 0;
	}
	vip = *asked;
	if (rs_mend(skb, &datagram, &vip))
		return 1;
	__sync_fetch_and_add(&answers->mended, count);
	return 0;
}

#endif
