/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Counters: one lane a CPU, so that adding needs neither a lock nor a shared cache line. The program alone writes them,
 * Java reads and adds up the lanes.
 */
#ifndef EVENKEEL_COUNT_H
#define EVENKEEL_COUNT_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "layout.h"

/* Key: hook * EK_VERDICTS + verdict. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EK_HOOKS * EK_VERDICTS);
	__type(key, __u32);
	__type(value, struct ek_count);
} ek_counts SEC(".maps");

static __always_inline void ek_count(enum ek_hook hook, enum ek_verdict verdict, __u64 datagrams)
{
	__u32 key = hook * EK_VERDICTS + verdict;
	struct ek_count *lane = bpf_map_lookup_elem(&ek_counts, &key);

	if (!lane)
		return;		/* cannot be: the verifier wants to hear it */
	lane->packets++;
	lane->datagrams += datagrams;
}

#endif
