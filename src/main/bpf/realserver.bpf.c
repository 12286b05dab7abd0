// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The realserver's object: takes the outer headers off what a director sent through a tunnel, counts what arrives for
 * the VIPs, and sees where answers leave from. At TC, since the packet goes to the stack anyway: every kind of interface has it, it sees what the
 * kernel has already gathered (GRO), and checksums that a sender left to an offload stay right.
 *
 * Needs Linux 5.15, and nothing but the kernel's user headers and libbpf's to compile. GPL-compatible by its licence
 * string, since some helpers ask for it.
 */
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "rs_abi.h"
#include "rs_answer.h"
#include "rs_maps.h"
#include "rs_outer.h"
#include "rs_strip.h"

char rs_license[] SEC("license") = "Dual BSD/GPL";

const volatile struct rs_about rs_about = {
	.tunnels = RS_TUNNELS,
	.outcomes = RS_OUTCOMES,
	.answering = RS_WATCH,
};

static __always_inline void rs_tally(struct __sk_buff *skb, __u32 outcome)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct rs_count *lane = bpf_map_lookup_elem(&rs_counts, &cpu);

	if (lane && outcome < RS_OUTCOMES)
		lane->packets[outcome] += skb->gso_segs > 1 ? skb->gso_segs : 1;
}

/* A tagged frame comes by again, untagged, on the interface of its VLAN. */
static __always_inline int rs_looks_at(const struct __sk_buff *skb)
{
	return skb->pkt_type == PACKET_HOST && !skb->vlan_present &&
		(skb->protocol == bpf_htons(ETH_P_IP) || skb->protocol == bpf_htons(ETH_P_IPV6));
}

SEC("tc")
int rs_ingress(struct __sk_buff *skb)
{
	struct rs_packet packet = {};
	struct rs_control *control;
	__u32 first = 0;
	int outcome;

	control = bpf_map_lookup_elem(&rs_control, &first);
	if (!control)
		return TC_ACT_UNSPEC;	/* cannot be: the verifier wants to hear it */
	outcome = rs_looks_at(skb) ? rs_read(skb, control, &packet) : RS_NOT_OURS;
	if (outcome == RS_FOUND)
		outcome = rs_strip(skb, control, &packet);
	rs_tally(skb, outcome);
	if (control->answers)
		rs_note_question(skb);
	return outcome == RS_REFUSED_CONGESTED || outcome == RS_REFUSED_FAILED ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

SEC("tc")
int rs_egress(struct __sk_buff *skb)
{
	struct rs_control *control;
	__u32 first = 0;

	control = bpf_map_lookup_elem(&rs_control, &first);
	if (!control)
		return TC_ACT_UNSPEC;
	return rs_see_answer(skb, control) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}
