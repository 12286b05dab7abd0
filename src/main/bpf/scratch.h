/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the program thinks of one packet in numbers, a record a CPU: the stack has 512 octets for all calls together, and
 * what is handed to a function that the verifier reads on its own must be memory without pointers. Nothing in it lives
 * longer than a packet.
 */
#ifndef EVENKEEL_SCRATCH_H
#define EVENKEEL_SCRATCH_H

#include <linux/bpf.h>
#include <linux/types.h>

#include "abi.h"

/* The key of a flow, note or template. */
struct ek_key {
	__u64 tag;
	__be32 address[4];	/* of a wide one */
	__u32 bucket[2];
};

/* A choice of a realserver. */
struct ek_choice {
	__be32 client[4];	/* asked for: what templates go by */
	__u32 hashed;		/* of the address that the algorithm hashes, and the port if it does */
	__u32 now;		/* tick */
	__be16 port;		/* the client's, where that matters */
	__be16 pad;
	__u32 pad2;
	__u64 turn;		/* answered, from here on */
	__u32 index;		/* in ek_servers, without the half */
	__u32 first_choice;
	__u32 slot;		/* of the rotation or slot table */
	__u32 remembered;	/* a template said where */
	__u64 template;		/* its value */
};

/* The best of some candidates. */
struct ek_best {
	__u64 load;
	__u32 weight;
	__u32 ties;		/* so many are as good */
	__u32 skip;		/* of these, before the one that is chosen */
	__u32 index;		/* who that is, or who comes nearest */
	__u32 idle_only;
	__u32 pad;
};

/* What is compared of a candidate. */
struct ek_weighed {
	__u64 load;
	__u32 weight;
	__u32 index;
	__u32 idle_only;	/* asked for: those without any load */
	__u32 pad;
};

/* What all fragments of a datagram have in common (RFC 791 3.2, RFC 8200 4.5). */
struct ek_datagram {
	__be32 source[4];
	__be32 destination[4];
	__u32 id;
	__u32 protocol;
};

/* Where they go: from a client to this realserver, or as a reply of it from this service. */
struct ek_piece {
	__u32 server;
	__u32 service;
	__u32 tick;
	__u16 generation;
	__u16 reply;
};

/* The port by which realservers know a client, by the one that it uses towards a service; and back, by the group. */
struct ek_known_as {
	__be32 client[4];
	__u32 whose;		/* the service, or EK_BACK and the group */
	__be16 port;
	__be16 pad;
};

struct ek_scratch {
	struct ek_choice choice;
	struct ek_key key;
	struct ek_key template_key;
	__be32 masked[4];
	struct ek_best best;
	struct ek_weighed weighed;
	struct bpf_fib_lookup asked;	/* of the kernel's routing table */
	struct ek_route route;
	struct ek_address6 address;
	struct ek_datagram datagram;
	struct ek_piece piece;
	struct ek_known_as known_as;
};

#endif
