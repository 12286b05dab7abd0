/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What one packet sees: the half that was in force when it came, for all of its lookups.
 */
#ifndef EVENKEEL_VIEW_H
#define EVENKEEL_VIEW_H

#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "maps.h"

struct ek_view {
	struct ek_control *control;
	__u64 seed;
	__u32 half;
};

/* Answers 0; the verifier wants to hear of the other case, which cannot be. */
static __always_inline int ek_look(struct ek_view *view)
{
	struct ek_control *control = ek_control_at(0);

	if (!control)
		return -1;
	view->control = control;
	view->half = *(volatile __u32 *)&control->half & 1;
	view->seed = control->seed[view->half];
	return 0;
}

static __always_inline struct ek_scratch *ek_scratch(void)
{
	return ek_scratches_at(bpf_get_smp_processor_id());
}

static __always_inline struct ek_service *ek_service(const struct ek_view *view, __u32 index)
{
	return ek_services_at(view->half * view->control->sizes.services + index);
}

static __always_inline struct ek_server *ek_server(const struct ek_view *view, __u32 index)
{
	return ek_servers_at(view->half * view->control->sizes.servers + index);
}

static __always_inline struct ek_slot *ek_slot(const struct ek_view *view, __u32 index)
{
	return ek_slots_at(view->half * view->control->sizes.slots + index);
}

#endif
