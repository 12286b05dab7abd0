/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Counting: a lane a CPU, which only that CPU writes, so plain additions do. Every packet that meets a service or comes
 * from one begins one lane's beat and ends it with exactly one outcome.
 */
#ifndef EVENKEEL_COUNT_H
#define EVENKEEL_COUNT_H

#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "view.h"

#define ek_barrier() asm volatile("" ::: "memory")

static __always_inline struct ek_service_count *ek_lane(const struct ek_view *view, __u32 service)
{
	return ek_service_counts_at(bpf_get_smp_processor_id() * view->control->sizes.services + service);
}

static __always_inline void ek_begin(struct ek_service_count *lane)
{
	lane->beat++;
	ek_barrier();
}

static __always_inline void ek_end(struct ek_service_count *lane)
{
	ek_barrier();
	lane->beat++;
}

static __always_inline void ek_count_pass(enum ek_pass why)
{
	struct ek_pass_count *lane = ek_pass_counts_at(bpf_get_smp_processor_id());

	if (lane)
		lane->packets[why]++;
}

static __always_inline void ek_count_server(const struct ek_view *view, __u32 server, int reply)
{
	struct ek_server_count *lane =
		ek_server_counts_at(bpf_get_smp_processor_id() * view->control->sizes.servers + server);

	if (!lane)
		return;		/* cannot be: the verifier wants to hear it */
	if (reply)
		lane->replies++;
	else
		lane->forwarded++;
}

#endif
