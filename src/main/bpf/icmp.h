/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The ICMP header, of both families alike, and the errors that are looked at or sent: RFC 792, RFC 1191, RFC 4443.
 */
#ifndef EVENKEEL_ICMP_H
#define EVENKEEL_ICMP_H

#include <linux/types.h>

struct ek_icmp {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__be32 rest;		/* of a packet that is too big: the MTU, in the lower half for IPv4 */
};

enum ek_icmp4 {
	EK_ICMP_UNREACHABLE = 3,
	EK_ICMP_QUENCH = 4,
	EK_ICMP_TIME_EXCEEDED = 11,
	EK_ICMP_PARAMETER = 12,
	EK_ICMP_PORT = 3,	/* codes of unreachable */
	EK_ICMP_TOO_BIG = 4,
};

enum ek_icmp6 {
	EK_ICMP6_UNREACHABLE = 1,
	EK_ICMP6_TOO_BIG = 2,
	EK_ICMP6_TIME_EXCEEDED = 3,
	EK_ICMP6_PARAMETER = 4,
	EK_ICMP6_PORT = 4,	/* a code of unreachable */
};

#endif
