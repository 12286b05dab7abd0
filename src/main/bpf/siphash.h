/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * SipHash-1-3 of one 32-bit value, cut to 32 bits, as schedule.SipHash: what the mh scheduler hashes clients with.
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
 */
#ifndef EVENKEEL_SIPHASH_H
#define EVENKEEL_SIPHASH_H

#include <linux/types.h>

#define EK_MAGLEV_KEY 2654435761ULL	/* both words of the key */
#define EK_MAGLEV_SLOTS 4093

struct ek_sip {
	__u64 v0, v1, v2, v3;
};

static __always_inline __u64 ek_rotl(__u64 bits, int by)
{
	return bits << by | bits >> (64 - by);
}

static __always_inline void ek_sip_round(struct ek_sip *sip)
{
	sip->v0 += sip->v1;
	sip->v2 += sip->v3;
	sip->v1 = ek_rotl(sip->v1, 13) ^ sip->v0;
	sip->v3 = ek_rotl(sip->v3, 16) ^ sip->v2;
	sip->v0 = ek_rotl(sip->v0, 32);
	sip->v2 += sip->v1;
	sip->v0 += sip->v3;
	sip->v1 = ek_rotl(sip->v1, 17) ^ sip->v2;
	sip->v3 = ek_rotl(sip->v3, 21) ^ sip->v0;
	sip->v2 = ek_rotl(sip->v2, 32);
}

static __always_inline __u32 ek_siphash(__u32 value)
{
	__u64 block = 4ULL << 56 | value;	/* with its length, a single and final one */
	struct ek_sip sip = {
		.v0 = EK_MAGLEV_KEY ^ 0x736f6d6570736575ULL,
		.v1 = EK_MAGLEV_KEY ^ 0x646f72616e646f6dULL,
		.v2 = EK_MAGLEV_KEY ^ 0x6c7967656e657261ULL,
		.v3 = EK_MAGLEV_KEY ^ 0x7465646279746573ULL ^ block,
	};

	ek_sip_round(&sip);
	sip.v0 ^= block;
	sip.v2 ^= 0xff;
	ek_sip_round(&sip);
	ek_sip_round(&sip);
	ek_sip_round(&sip);
	return sip.v0 ^ sip.v1 ^ sip.v2 ^ sip.v3;
}

#endif
