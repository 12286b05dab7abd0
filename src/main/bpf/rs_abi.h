/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Every record and number that the realserver's program shares with Java, once. Java's mirror is realserver.Abi; both are
 * compared through the object's BTF when it is loaded. Java alone writes the control, the VIPs and the machine's own
 * addresses; the program alone writes the counters.
 */
#ifndef EVENKEEL_RS_ABI_H
#define EVENKEEL_RS_ABI_H

#include <linux/types.h>

enum rs_tunnel {
	RS_IPIP = 0,
	RS_GRE = 1,
	RS_GUE = 2,
	RS_TUNNELS = 3,
};

/*
 * What became of a packet: each gets exactly one of these. The first twelve are 4 * rs_tunnel + 2 * (outer is IPv6) +
 * (inner is IPv6), and have lost their outer headers; the two that are refused are dropped; all others pass up untouched.
 */
enum rs_outcome {
	RS_STRIPPED = 0,
	RS_DIRECT_4 = 12,		/* addressed to a VIP itself: direct routing */
	RS_DIRECT_6 = 13,
	RS_NOT_A_VIP = 14,		/* a tunnel's packet whose inner destination is no VIP of ours */
	RS_FRAGMENT = 15,		/* a tunnel's packet in pieces, which are whole only after us */
	RS_MALFORMED = 16,		/* a tunnel's packet whose lengths, version or checksum are wrong */
	RS_UNSUPPORTED = 17,		/* a tunnel's packet with a version, an option or a protocol that we do not read */
	RS_NOT_OURS = 18,
	RS_REFUSED_CONGESTED = 19,	/* marked as congested outside, by RFC 6040 not allowed inside: dropped */
	RS_REFUSED_FAILED = 20,		/* the kernel could not take the outer headers off: dropped */
	RS_OUTCOMES = 21,
};

/* Key of rs_vips and rs_own. */
struct rs_address {
	__u32 version;			/* 4 or 6 */
	__be32 word[4];			/* IPv4: the first, the others 0 */
};

/* Map rs_control, one entry. */
struct rs_control {
	__u32 tunnels;			/* 1 << enum rs_tunnel */
	__be16 gue_port;
	__u8 crosses;			/* the kernel changes families when it shrinks a packet: Linux 6.3 and newer */
	__u8 answers;			/* enum rs_answering */
};

enum rs_answering {
	RS_WATCH = 1,			/* see where answers from the ports in rs_watched come from */
	RS_MEND = 2,			/* and make those that leave from elsewhere leave from the VIP */
};

/* Key of rs_asked: who asked at which port. Its value is the address that was asked last. */
struct rs_asking {
	struct rs_address client;
	__be16 client_port;
	__be16 port;
};

/* Value of rs_watched, whose key is a UDP port in network order: answers to who asked a VIP. */
struct rs_answers {
	__u64 from_vip;
	__u64 mended;			/* left from elsewhere, and were rewritten */
	__u64 from_elsewhere;		/* left from another address of this machine: the client will not know them */
};

/* Map rs_counts: a lane a CPU. An aggregate counts as the packets it was made of. */
struct rs_count {
	__u64 packets[RS_OUTCOMES];
	__u64 pad[3];
};

/* In .rodata, so that the object's BTF knows the numbers. */
struct rs_about {
	enum rs_tunnel tunnels;
	enum rs_outcome outcomes;
	enum rs_answering answering;
};

#endif
