// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Reads a packet without asking where it ends: the verifier must refuse it. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char ek_license[] SEC("license") = "Dual BSD/GPL";

SEC("xdp")
int reads_beyond(struct xdp_md *ctx)
{
	unsigned char *start = (void *)(long)ctx->data;

	return start[30] ? XDP_PASS : XDP_DROP;
}
