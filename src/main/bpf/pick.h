/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Picks a realserver. All thinking was done when Java compiled the table; the room `schedule` says what each answer must
 * be, and differential tests hold the two together.
 *
 * What has to loop is a function of its own that the verifier reads once, and so takes numbers only.
 */
#ifndef EVENKEEL_PICK_H
#define EVENKEEL_PICK_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "packet.h"
#include "scratch.h"
#include "siphash.h"
#include "view.h"

/* A state may have changed before the deal that follows from it is written: then somebody further on is asked. */
#define EK_DEAL_TRIES 4

#define EK_HASH_SLOTS 256
#define EK_GOLDEN_RATIO 0x61c88647U
#define EK_STRETCH 32		/* candidates looked at in one call: the verifier follows each of them */
#define EK_WALK_STEPS 64	/* likewise, of a walk */
#define EK_WALKS (EK_MAGLEV_SLOTS / EK_WALK_STEPS + 1)
#define EK_WALK_ON 0x80000000U	/* the stretch ended before the walk did */
#define EK_ACTIVE_FLOW 256	/* load of an active flow, in inactive ones (IPVS) */

enum ek_how {
	EK_V6 = 1,		/* the client's family */
	EK_DRY = 2,		/* explained only: take no turn, write nothing */
	EK_TURN_TAKEN = 4,	/* choice->turn is its turn, and the realserver of that cannot be used */
	EK_TAKEN = 16,		/* the client's port is another service's with the same endpoints */
	EK_TEMPLATE_WANTED = 8,	/* the client has no template that can be used */
};

static __always_inline __u32 ek_deal_length(__u64 deal)
{
	return (__u32)deal & ((1U << EK_DEAL_SUSPECTS) - 1);
}

/* By what it carries now: another table may have other thresholds, and two CPUs may have judged one after the other. */
static __always_inline int ek_has_room(const struct ek_server *server, __u32 index)
{
	struct ek_load *load;
	__u64 flows;

	if (!server->upper)
		return 1;
	load = ek_loads_at(index);
	if (!load)
		return 1;
	flows = load->active + load->inactive;
	return flows < server->upper && (!load->overloaded || flows < server->lower);
}

/* It may have a new turn: open, or suspect when nobody is open; and not full. */
static __always_inline int ek_usable(const struct ek_server *server, __u32 index, __u64 deal)
{
	__u32 allowed = 1 << EK_OPEN | (deal >> EK_DEAL_SUSPECTS & 1) << EK_SUSPECT;

	return allowed >> (server->state & 3) & server->flags & EK_WEIGHTED && ek_has_room(server, index);
}

/* The candidate in a service's list, or NULL. */
static __always_inline struct ek_server *ek_candidate(__u32 half, const struct ek_control *control, __u32 slot,
						      __u32 *index)
{
	struct ek_slot *at = ek_slots_at(half * control->sizes.slots + slot);

	if (!at || at->server == EK_NOBODY)
		return NULL;
	*index = at->server;
	return ek_servers_at(half * control->sizes.servers + *index);
}

/* The first who can be used of a stretch of a service's candidates, from `from` on; EK_NOWHERE: nobody. */
__attribute__((noinline)) __u32 ek_scan(__u32 half, __u32 at, __u32 from)
{
	struct ek_control *control = ek_control_at(0);
	struct ek_service *service = ek_services_at(at);
	struct ek_server *server;
	__u32 i, index;

	if (!control || !service || !service->candidates)
		return EK_NOWHERE;
	for (i = 0; i < EK_STRETCH; i++) {
		server = ek_candidate(half, control, service->first_candidate + (from + i) % service->candidates,
				      &index);
		if (server && ek_usable(server, index, service->deal))
			return index;
	}
	return EK_NOWHERE;
}

/* a * b > c * d, where one factor of each has 32 bits. */
static __always_inline int ek_more(__u64 a, __u32 b, __u64 c, __u32 d)
{
	__u64 left_low = (a & 0xffffffff) * b, left = (a >> 32) * b + (left_low >> 32);
	__u64 right_low = (c & 0xffffffff) * d, right = (c >> 32) * d + (right_low >> 32);

	if (left != right)
		return left > right;
	return (__u32)left_low > (__u32)right_low;
}

/* What the algorithm compares of a candidate. Answers 0 when it is not in question. */
__attribute__((noinline)) int ek_weigh(__u32 half, __u32 at, __u32 i, struct ek_weighed *weighed)
{
	struct ek_control *control = ek_control_at(0);
	struct ek_service *service = ek_services_at(at);
	struct ek_server *server;
	struct ek_load *load;
	int one_packet, delay;
	__u32 index = 0;

	if (!control || !service || !weighed || i >= service->candidates)
		return 0;
	server = ek_candidate(half, control, service->first_candidate + i, &index);
	load = ek_loads_at(index);
	if (!server || !load || !ek_usable(server, index, service->deal))
		return 0;
	one_packet = service->flags & EK_ONE_PACKET;
	delay = service->algorithm == EK_LEAST_DELAY || service->algorithm == EK_IDLE_FIRST;
	weighed->index = index;
	weighed->weight = service->algorithm == EK_LEAST_LOAD ? 1 : server->weight;
	if (weighed->idle_only) {
		weighed->load = 0;
		weighed->weight = 1;
		return !(one_packet ? load->lately : load->active);
	}
	if (one_packet)
		weighed->load = load->lately + !!delay;
	else if (delay)
		weighed->load = load->active + 1;
	else
		weighed->load = EK_ACTIVE_FLOW * load->active + load->inactive;
	return 1;
}

/* Compares one stretch of a service's candidates with the best before. */
__attribute__((noinline)) int ek_compare(__u32 half, __u32 at, __u32 from, struct ek_best *best)
{
	struct ek_service *service = ek_services_at(at);
	struct ek_scratch *scratch = ek_scratch();
	struct ek_weighed *other;
	__u32 i;

	if (!best || !scratch || !service)
		return 0;
	other = &scratch->weighed;
	other->idle_only = best->idle_only;
	for (i = 0; i < EK_STRETCH; i++) {
		if (from + i >= service->candidates)
			break;
		if (!ek_weigh(half, at, from + i, other))
			continue;
		if (best->ties && ek_more(other->load, best->weight, best->load, other->weight))
			continue;
		if (best->ties && !ek_more(best->load, other->weight, other->load, best->weight)) {
			best->ties++;
			continue;
		}
		best->load = other->load;
		best->weight = other->weight;
		best->ties = 1;
	}
	return 0;
}

/* Looks through one stretch for the one that is chosen of those that are as good as the best. Answers 1 when it is found. */
__attribute__((noinline)) int ek_find_tied(__u32 half, __u32 at, __u32 from, struct ek_best *best)
{
	struct ek_service *service = ek_services_at(at);
	struct ek_scratch *scratch = ek_scratch();
	struct ek_weighed *other;
	__u32 i;

	if (!best || !scratch || !service)
		return 0;
	other = &scratch->weighed;
	other->idle_only = best->idle_only;
	for (i = 0; i < EK_STRETCH; i++) {
		if (from + i >= service->candidates)
			break;
		if (!ek_weigh(half, at, from + i, other) ||
		    ek_more(other->load, best->weight, best->load, other->weight) ||
		    ek_more(best->load, other->weight, other->load, best->weight))
			continue;
		best->index = other->index;
		if (!best->skip--)
			return 1;
	}
	return 0;
}

/* The candidate with the least load for its weight; equal ones take turns. EK_NOWHERE: nobody. */
__attribute__((noinline)) __u32 ek_least(__u32 half, __u32 at, __u64 turn, __u32 idle_only)
{
	struct ek_service *service = ek_services_at(at);
	struct ek_scratch *scratch = ek_scratch();
	struct ek_best *best;
	__u32 from;

	if (!scratch || !service)
		return EK_NOWHERE;
	best = &scratch->best;
	best->index = EK_NOWHERE;
	best->load = 0;
	best->weight = 1;
	best->ties = 0;
	best->idle_only = idle_only;
	for (from = 0; from < EK_MOST_CANDIDATES && from < service->candidates; from += EK_STRETCH)
		ek_compare(half, at, from, best);
	if (!best->ties)
		return EK_NOWHERE;
	best->skip = turn % best->ties;
	for (from = 0; from < EK_MOST_CANDIDATES && from < service->candidates; from += EK_STRETCH)
		if (ek_find_tied(half, at, from, best))
			break;
	return best->index;
}

/* Looks through one stretch for a heavier candidate; ovf: with no more active flows than weight. */
__attribute__((noinline)) int ek_heavier(__u32 half, __u32 at, __u32 from, struct ek_best *best)
{
	struct ek_control *control = ek_control_at(0);
	struct ek_service *service = ek_services_at(at);
	struct ek_server *server;
	struct ek_load *load;
	__u32 i, index = 0;

	if (!control || !service || !best)
		return 0;
	for (i = 0; i < EK_STRETCH; i++) {
		if (from + i >= service->candidates)
			break;
		server = ek_candidate(half, control, service->first_candidate + from + i, &index);
		if (!server || !ek_usable(server, index, service->deal) || server->weight <= best->weight)
			continue;
		load = ek_loads_at(index);
		if (service->algorithm == EK_UNTIL_FULL && load && load->active > server->weight)
			continue;
		best->index = index;
		best->weight = server->weight;
	}
	return 0;
}

/* The heaviest candidate, of equal ones the first in the list (fo; ovf: of those that are not full). EK_NOWHERE: nobody. */
static __always_inline __u32 ek_heaviest(__u32 half, __u32 at)
{
	struct ek_scratch *scratch = ek_scratch();
	__u32 from;

	if (!scratch)
		return EK_NOWHERE;
	scratch->best.index = EK_NOWHERE;
	scratch->best.weight = 0;
	for (from = 0; from < EK_MOST_CANDIDATES; from += EK_STRETCH)
		ek_heavier(half, at, from, &scratch->best);
	return scratch->best.index;
}

/*
 * One stretch of the walk that IPVS takes from a slot whose realserver cannot be used: sh on from twice the slot, mh hashed
 * again with each offset. Answers the slot, EK_NOWHERE when it ends at an empty one, or EK_WALK_ON.
 */
__attribute__((noinline)) __u32 ek_walk(__u32 half, __u32 at, __u32 hashed, __u32 slot, __u32 from)
{
	struct ek_control *control = ek_control_at(0);
	struct ek_service *service = ek_services_at(at);
	__u32 step, offset, next, index;
	struct ek_server *server;

	if (!control || !service || !service->slots)
		return EK_NOWHERE;
	for (step = 0; step < EK_WALK_STEPS; step++) {
		if (from + step >= service->slots)
			return EK_NOWHERE;
		offset = (from + step + slot) % service->slots;
		if (service->algorithm == EK_MAGLEV)
			next = ek_siphash(offset + hashed) % EK_MAGLEV_SLOTS;
		else
			next = (offset + slot) % service->slots;
		server = ek_candidate(half, control, service->first_slot + next, &index);
		if (!server)
			return EK_NOWHERE;
		if (ek_usable(server, index, service->deal))
			return next;
	}
	return EK_WALK_ON;
}

/* Follows a turn of a rotation. Answers the realserver, or EK_NOWHERE. */
static __always_inline __u32 ek_rotate(struct ek_choice *choice, __u32 half, __u32 at,
				       const struct ek_control *control, const struct ek_service *service, __u64 deal)
{
	__u32 slots = half * control->sizes.slots + service->first_slot;
	struct ek_server *server;
	struct ek_slot *slot;
	__u32 index, from;
	__u64 nth;
	int i;

	if (!service->slots || !ek_deal_length(deal))
		return EK_NOWHERE;
	choice->slot = choice->turn % service->slots;
	slot = ek_slots_at(slots + choice->slot);
	if (!slot)
		return EK_NOWHERE;
	index = choice->first_choice = slot->server;
	server = ek_servers_at(half * control->sizes.servers + index);
	if (!server)
		return EK_NOWHERE;
	if (ek_usable(server, index, deal))
		return index;

	/* How often this realserver was picked before: its turns are dealt out one after another. */
	nth = choice->turn / service->slots * server->turns + slot->ordinal;
	for (i = 0; i < EK_DEAL_TRIES; i++, nth++) {
		slot = ek_slots_at(slots + nth % ek_deal_length(deal));
		if (!slot)
			return EK_NOWHERE;
		index = slot->dealt[deal >> EK_DEAL_SIDE & 1];
		server = ek_servers_at(half * control->sizes.servers + index);
		if (server && ek_usable(server, index, deal))
			return index;
	}
	if (!(service->flags & EK_THRESHOLDS))
		return EK_NOWHERE;
	index = EK_NOWHERE;
	for (from = 0; from < EK_MOST_CANDIDATES && index == EK_NOWHERE; from += EK_STRETCH)
		index = ek_scan(half, half * control->sizes.services + at, nth + from);
	return index;
}

/* Who is at the slot of a slot table, or whom IPVS's walk finds from there. Answers the realserver, or EK_NOWHERE. */
static __always_inline __u32 ek_by_hash(struct ek_choice *choice, __u32 half, __u32 at,
					const struct ek_control *control, const struct ek_service *service, __u64 deal)
{
	__u32 walk, index, slot, next = EK_WALK_ON;
	struct ek_server *server;
	__u8 usability;

	if (service->algorithm == EK_MAGLEV)
		slot = ek_siphash(choice->hashed) % EK_MAGLEV_SLOTS;
	else
		slot = choice->hashed * EK_GOLDEN_RATIO >> 24;
	choice->slot = slot;
	server = ek_candidate(half, control, service->first_slot + slot, &index);
	if (!server)
		return EK_NOWHERE;
	choice->first_choice = index;
	if (ek_usable(server, index, deal))
		return index;
	if (!(service->flags & EK_HASH_FALLBACK) && !(server->flags & EK_DRAINING)) {
		/* One that is suspect while others are open keeps its clients, who have no other. */
		usability = (__u8)server->state;
		return usability <= EK_SUSPECT && server->flags & EK_WEIGHTED && ek_has_room(server, index) ?
			       index : EK_NOWHERE;
	}
	for (walk = 0; walk < EK_WALKS && next == EK_WALK_ON; walk++)
		next = ek_walk(half, half * control->sizes.services + at, choice->hashed, slot, walk * EK_WALK_STEPS);
	if (next >= EK_NOWHERE)
		return EK_NOWHERE;
	choice->slot = next;
	server = ek_candidate(half, control, service->first_slot + next, &index);
	return server ? index : EK_NOWHERE;
}

static __always_inline __u32 ek_by_load(struct ek_choice *choice, __u32 half, __u32 at,
					const struct ek_service *service, __u32 how)
{
	__u32 index = EK_NOWHERE;
	struct ek_load *load;

	if (service->algorithm == EK_HEAVIEST || service->algorithm == EK_UNTIL_FULL)
		return ek_heaviest(half, at);
	if (service->algorithm == EK_IDLE_FIRST)
		index = ek_least(half, at, choice->turn, 1);
	if (index == EK_NOWHERE)
		index = ek_least(half, at, choice->turn, 0);
	load = ek_loads_at(index);
	if (index != EK_NOWHERE && load && service->flags & EK_ONE_PACKET && !(how & EK_DRY))
		__sync_fetch_and_add(&load->lately, 1);
	return index;
}

/*
 * Picks for a packet, whatever the algorithm: takes a turn, where there are any, and follows it. Answers 0 with
 * choice->index, or -1 when nobody can be picked: then no turn is taken, if that was known.
 */
__attribute__((noinline)) int ek_pick(__u32 half, __u32 at, struct ek_choice *choice, __u32 how)
{
	struct ek_control *control = ek_control_at(0);
	struct ek_turn *turn = ek_turns_at(at);
	struct ek_service *service;
	__u64 deal;

	if (!control || !choice || !turn)
		return -1;
	service = ek_services_at(half * control->sizes.services + at);
	if (!service)
		return -1;
	deal = *(const volatile __u64 *)&service->deal;
	if (!ek_deal_length(deal))
		return -1;
	if (service->algorithm >= EK_SOURCE_HASH && service->algorithm <= EK_MAGLEV) {
		choice->index = ek_by_hash(choice, half, at, control, service, deal);
		return choice->index == EK_NOWHERE ? -1 : 0;
	}
	if (!(how & EK_TURN_TAKEN))
		choice->turn = how & EK_DRY ? turn->next : __sync_fetch_and_add(&turn->next, 1);
	if (service->algorithm == EK_ROTATE)
		choice->index = ek_rotate(choice, half, at, control, service, deal);
	else
		choice->index = ek_by_load(choice, half, half * control->sizes.services + at, service, how);
	return choice->index == EK_NOWHERE ? -1 : 0;
}

/* Why nobody could be picked: because all are full, or because this client has nobody. */
static __always_inline int ek_nobody(const struct ek_view *view, const struct ek_service *service, __u32 at)
{
	__u32 from;

	if (!(service->flags & EK_THRESHOLDS) || !ek_deal_length(service->deal))
		return EK_NO_REALSERVER;
	for (from = 0; from < EK_MOST_CANDIDATES; from += EK_STRETCH)
		if (ek_scan(view->half, view->half * view->control->sizes.services + at, from) != EK_NOWHERE)
			return EK_NO_REALSERVER;
	return EK_OVERLOADED;
}

#endif
