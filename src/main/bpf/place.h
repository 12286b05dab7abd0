/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Finds what stands at an address, port and protocol: one hash, one cache line, exact comparison.
 */
#ifndef EVENKEEL_PLACE_H
#define EVENKEEL_PLACE_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "view.h"

#define EK_MIX_1 0x9e3779b97f4a7c15ULL
#define EK_MIX_2 0xd6e8feb86659fd93ULL

/* Words as they lie in the packet, read in this machine's order; Java's mirror is dataplane.kernel.Places. */
static __always_inline __u32 ek_hash(__u64 seed, __be32 address, __be16 port, __u8 protocol)
{
	__u64 mix = ((__u64)address << 24 | (__u64)port << 8 | protocol) ^ seed;

	mix *= EK_MIX_1;
	mix ^= mix >> 32;
	mix *= EK_MIX_2;
	return mix >> 32;
}

static __always_inline __u32 ek_in_bucket(const struct ek_bucket4 *bucket, __be32 address, __be16 port, __u8 protocol)
{
	int i;

	if (!bucket)
		return EK_NOWHERE;
#pragma unroll
	for (i = 0; i < 4; i++) {
		const struct ek_place4 *place = &bucket->place[i];

		if (place->address == address && place->port == port && place->protocol == protocol)
			return place->at;
	}
	return EK_NOWHERE;
}

/* Index of the service, or EK_NOWHERE. */
static __always_inline __u32 ek_service_of(const struct ek_view *view, __be32 address, __be16 port, __u8 protocol)
{
	__u32 mask = view->control->sizes.service_mask;
	__u32 bucket = (ek_hash(view->seed, address, port, protocol) & mask) + view->half * (mask + 1);

	return ek_in_bucket(ek_service_places_at(bucket), address, port, protocol);
}

/* Index of the realserver, or EK_NOWHERE. */
static __always_inline __u32 ek_endpoint_of(const struct ek_view *view, __be32 address, __be16 port, __u8 protocol)
{
	__u32 mask = view->control->sizes.endpoint_mask;
	__u32 bucket = (ek_hash(view->seed, address, port, protocol) & mask) + view->half * (mask + 1);

	return ek_in_bucket(ek_endpoint_places_at(bucket), address, port, protocol);
}

/* One of the director's own addresses. */
static __always_inline int ek_is_own(const struct ek_control *control, __be32 address)
{
	struct ek_own4 *bucket = ek_own_at(ek_hash(control->own_seed, address, 0, 0) & control->sizes.own_mask);
	int i;

	if (!bucket)
		return 0;
#pragma unroll
	for (i = 0; i < 16; i++)
		if (bucket->address[i] == address)
			return 1;
	return 0;
}

#endif
