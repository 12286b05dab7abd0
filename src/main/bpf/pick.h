/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Picks a realserver. All thinking was done when Java compiled the table; schedule.Rotation says what the answer must
 * be, and a differential test holds the two together.
 */
#ifndef EVENKEEL_PICK_H
#define EVENKEEL_PICK_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "view.h"

/* A state may have changed before the deal that follows from it is written: then somebody further on is asked. */
#define EK_DEAL_TRIES 4

struct ek_picked {
	struct ek_server *server;
	__u32 index;		/* in ek_servers, without the half */
	__u32 first_choice;
	__u64 turn;
};

static __always_inline __u32 ek_deal_length(__u64 deal)
{
	return (__u32)deal & ((1U << EK_DEAL_SUSPECTS) - 1);
}

static __always_inline int ek_usable(const struct ek_server *server, __u64 deal)
{
	__u8 usability = (__u8)server->state;

	return usability == EK_OPEN || (usability == EK_SUSPECT && deal >> EK_DEAL_SUSPECTS & 1);
}

/* Takes a turn and follows it. Answers 0, or -1 when nobody can be picked: then no turn is taken, if that was known. */
static __always_inline int ek_rotate(struct ek_picked *picked, const struct ek_view *view,
				     const struct ek_service *service, __u32 index, int dry)
{
	__u64 deal = *(const volatile __u64 *)&service->deal;
	__u32 length = ek_deal_length(deal);
	struct ek_turn *turn = ek_turns_at(index);
	struct ek_server *server;
	struct ek_slot *slot;
	__u64 nth;
	int i;

	if (!length || !service->slots || !turn)
		return -1;
	picked->turn = dry ? turn->next : __sync_fetch_and_add(&turn->next, 1);
	slot = ek_slot(view, service->first_slot + picked->turn % service->slots);
	if (!slot)
		return -1;
	picked->index = picked->first_choice = slot->server;
	picked->server = server = ek_server(view, picked->index);
	if (!server)
		return -1;
	if (ek_usable(server, deal))
		return 0;

	/* How often this realserver was picked before: its turns are dealt out one after another. */
	nth = picked->turn / service->slots * server->turns + slot->ordinal;
	for (i = 0; i < EK_DEAL_TRIES; i++, nth++) {
		slot = ek_slot(view, service->first_slot + nth % length);
		if (!slot)
			return -1;
		picked->index = slot->dealt[deal >> EK_DEAL_SIDE & 1];
		picked->server = server = ek_server(view, picked->index);
		if (!server)
			return -1;
		if (ek_usable(server, deal))
			return 0;
	}
	return -1;
}

#endif
