/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Every record and number that the kernel plane shares with Java, once.
 *
 * Java's mirror is dataplane.kernel.SharedLayout. When the object is loaded, names, sizes, offsets and values on both
 * sides are compared through the object's BTF, and a difference is refused. So a member has a fixed-size type, padding
 * is spelled out, and whoever changes a line here raises EK_LAYOUT_VERSION: maps that an older program left pinned
 * carry the old version.
 */
#ifndef EVENKEEL_LAYOUT_H
#define EVENKEEL_LAYOUT_H

#include <linux/types.h>

enum ek_layout {
	EK_LAYOUT_VERSION = 1,
};

/* Where a packet met us. */
enum ek_hook {
	EK_HOOK_XDP = 0,
	EK_HOOK_TC = 1,
	EK_HOOKS = 2,
};

/* What became of a packet; each pass through a program ends in exactly one. All of these pass up to the stack. */
enum ek_verdict {
	EK_VERDICT_PASS_TRUNCATED = 0,	/* ends inside its Ethernet or VLAN header */
	EK_VERDICT_PASS_OTHER = 1,	/* neither IPv4 nor IPv6 */
	EK_VERDICT_PASS_IPV4 = 2,
	EK_VERDICT_PASS_IPV6 = 3,
	EK_VERDICTS = 4,
};

/* One lane (a CPU's) of one counter. */
struct ek_count {
	__u64 packets;		/* frames, as the program saw them */
	__u64 datagrams;	/* what they were on the wire: an aggregate of n segments counts n */
};

/* In .rodata: what the object says of itself, readable from the maps of a running program too. */
struct ek_about {
	enum ek_layout version;
	enum ek_hook hooks;
	enum ek_verdict verdicts;
	__u32 pad;
};

#endif
