// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The kernel plane's object: its programs' entries, one for each hook. The work is in the headers, one a job.
 *
 * Runs in the kernel on the CPU that received the packet, any number of CPUs at once. Needs Linux 5.15, and nothing but
 * the kernel's user headers and libbpf's to compile. GPL-compatible by its licence string, since some functions ask for it.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "count.h"
#include "layout.h"
#include "parse.h"

char ek_license[] SEC("license") = "Dual BSD/GPL";

const volatile struct ek_about ek_about = {
	.version = EK_LAYOUT_VERSION,
	.hooks = EK_HOOKS,
	.verdicts = EK_VERDICTS,
};

SEC("xdp")
int ek_xdp(struct xdp_md *ctx)
{
	struct ek_packet packet = {
		.start = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
	};

	ek_count(EK_HOOK_XDP, ek_network_layer(&packet), 1);
	return XDP_PASS;
}

SEC("tc")
int ek_tc(struct __sk_buff *skb)
{
	struct ek_packet packet = {
		.start = (void *)(long)skb->data,
		.end = (void *)(long)skb->data_end,
	};
	__u64 segments = skb->gso_segs;

	ek_count(EK_HOOK_TC, ek_network_layer(&packet), segments ? segments : 1);
	return TC_ACT_UNSPEC;	/* go on with the next program of the hook, if any */
}
