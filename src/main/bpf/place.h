/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Finds what stands at an address, port and protocol: one hash, one cache line, exact comparison.
 */
#ifndef EVENKEEL_PLACE_H
#define EVENKEEL_PLACE_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "packet.h"
#include "view.h"

#define EK_MIX_1 0x9e3779b97f4a7c15ULL
#define EK_MIX_2 0xd6e8feb86659fd93ULL

/* Words as they lie in the packet, read in this machine's order; Java's mirror is dataplane.kernel.Places. */
static __always_inline __u32 ek_hash(__u64 seed, const __be32 *address, __be16 port, __u8 protocol, const int v6)
{
	__u64 mix = ((__u64)address[0] << 24 | (__u64)port << 8 | protocol) ^ seed;

	mix *= EK_MIX_1;
	mix ^= mix >> 32;
	if (v6) {
		mix ^= (__u64)address[1] << 32 | address[2];
		mix *= EK_MIX_1;
		mix ^= mix >> 32;
		mix ^= address[3];
		mix *= EK_MIX_1;	/* neighbours differ in this word alone */
		mix ^= mix >> 32;
	}
	mix *= EK_MIX_2;
	return mix >> 32;
}

static __always_inline __u32 ek_in_bucket4(const struct ek_bucket4 *bucket, __be32 address, __be16 port, __u8 protocol)
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

static __always_inline __u32 ek_in_bucket6(const struct ek_bucket6 *bucket, const __be32 *address, __be16 port,
					   __u8 protocol)
{
	int i;

	if (!bucket)
		return EK_NOWHERE;
#pragma unroll
	for (i = 0; i < 4; i++) {
		const struct ek_place6 *place = &bucket->place[i];

		if (place->port == port && place->protocol == protocol && ek_same_address(place->address, address, 1))
			return place->at;
	}
	return EK_NOWHERE;
}

/* Index of the service, or EK_NOWHERE. */
static __always_inline __u32 ek_service_of(const struct ek_view *view, const __be32 *address, __be16 port,
					   __u8 protocol, const int v6)
{
	__u32 mask = view->control->sizes.service_mask;
	__u32 bucket = (ek_hash(view->seed, address, port, protocol, v6) & mask) + view->half * (mask + 1);

	if (v6)
		return ek_in_bucket6(ek_service_places6_at(bucket), address, port, protocol);
	return ek_in_bucket4(ek_service_places_at(bucket), address[0], port, protocol);
}

/* Index of the realserver, or EK_NOWHERE; of several with this endpoint the first, see same_endpoint. */
static __always_inline __u32 ek_endpoint_of(const struct ek_view *view, const __be32 *address, __be16 port,
					    __u8 protocol, const int v6)
{
	__u32 mask = view->control->sizes.endpoint_mask;
	__u32 bucket = (ek_hash(view->seed, address, port, protocol, v6) & mask) + view->half * (mask + 1);

	if (v6)
		return ek_in_bucket6(ek_endpoint_places6_at(bucket), address, port, protocol);
	return ek_in_bucket4(ek_endpoint_places_at(bucket), address[0], port, protocol);
}

/* One of the director's own addresses. */
static __always_inline int ek_is_own(const struct ek_control *control, const __be32 *address, const int v6)
{
	__u32 at = ek_hash(control->own_seed, address, 0, 0, v6) & control->sizes.own_mask;
	struct ek_own4 *bucket;
	struct ek_own6 *bucket6;
	int i;

	if (v6) {
		bucket6 = ek_own6_at(at);
		if (!bucket6)
			return 0;
#pragma unroll
		for (i = 0; i < 4; i++)
			if (ek_same_address(bucket6->address[i].word, address, 1))
				return 1;
		return 0;
	}
	bucket = ek_own_at(at);
	if (!bucket)
		return 0;
#pragma unroll
	for (i = 0; i < 16; i++)
		if (bucket->address[i] == address[0])
			return 1;
	return 0;
}

#endif
