// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The least that a program can do which forwards: what bench/kernel counts in. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char trivial_license[] SEC("license") = "Dual BSD/GPL";

SEC("xdp")
int trivial(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_TX;
}
