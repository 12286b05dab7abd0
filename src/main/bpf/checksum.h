/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The Internet checksum, changed by what changed (RFC 1624, equation 3). Sums are kept in 64 bits and folded once, at
 * the end; since 2^16 is 1 modulo 65,535, whole 32-bit words may be added as they lie in the packet.
 */
#ifndef EVENKEEL_CHECKSUM_H
#define EVENKEEL_CHECKSUM_H

#include <linux/types.h>

/* What has to be added to the complement of a checksum when `from` becomes `to`. Several changes add up. */
static inline __attribute__((always_inline)) __u64 ek_change(__u32 from, __u32 to)
{
	return (__u64)(__u32)~from + to;
}

static inline __attribute__((always_inline)) __u16 ek_checksum(__u16 before, __u64 change)
{
	__u64 sum = (__u16)~before + change;

	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* The same for UDP over IPv4: 0 says that there is none and stays, and a computed 0 is written as its other form. */
static inline __attribute__((always_inline)) __u16 ek_udp_checksum(__u16 before, __u64 change)
{
	__u16 after;

	if (!before)
		return 0;
	after = ek_checksum(before, change);
	return after ? after : 0xffff;
}

#endif
