/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Every record and number that the kernel plane shares with Java, once.
 *
 * Java's mirror is dataplane.kernel.Abi. When the object is loaded, names, sizes, offsets and values on both sides are
 * compared through the object's BTF, and a difference is refused. So a member has a fixed-size type, padding is spelled
 * out, and whoever changes a line here raises EK_ABI_VERSION: maps that an older program left pinned carry the old one.
 *
 * Who writes what: Java alone writes configuration (control, services, slots, servers, next hops, endpoints,
 * own addresses); the program alone writes turns, routes towards clients, and counters. What Java may change in place,
 * under running traffic, is one aligned word; everything else is written into the half that is not in force.
 */
#ifndef EVENKEEL_ABI_H
#define EVENKEEL_ABI_H

#include <linux/types.h>

enum ek_abi {
	EK_ABI_VERSION = 3,
};

/* As dataplane.Usability, in its order. */
enum ek_usability {
	EK_OPEN = 0,
	EK_SUSPECT = 1,
	EK_HOLDING = 2,
	EK_SHUT = 3,
};

/* Why a packet of a service went no further. Forward reasons first: EK_REPLY_REASONS parts the two laws. */
enum ek_reason {
	EK_NO_REALSERVER = 0,
	EK_NO_ROUTE = 1,		/* the next hop of its realserver is not known */
	EK_TOO_BIG = 2,			/* longer than the way to its realserver allows */
	EK_TTL_EXPIRED = 3,
	EK_FRAGMENT = 4,
	EK_MALFORMED = 5,		/* lengths that contradict each other */
	EK_SHUTTING_DOWN = 6,
	EK_IMPOSSIBLE_SOURCE = 7,	/* an address that no client can have */
	EK_REPLY_REASONS = 8,
	EK_REPLY_NO_ROUTE = 8,
	EK_REPLY_TOO_BIG = 9,
	EK_REPLY_TTL_EXPIRED = 10,
	EK_REPLY_FRAGMENT = 11,
	EK_REPLY_MALFORMED = 12,
	EK_REASONS = 13,
};

/* Why a packet is none of ours. All of them pass up to the stack. */
enum ek_pass {
	EK_PASS_TRUNCATED = 0,		/* ends inside a header */
	EK_PASS_ELSEWHERE = 1,		/* not addressed to this machine's MAC address, or to many */
	EK_PASS_OTHER = 2,		/* no protocol of ours */
	EK_PASS_NO_SERVICE = 3,
	EK_PASS_OWN_ADDRESS = 4,	/* from a realserver, but to the director itself: the answer to a probe */
	EK_PASSES = 5,
};

/* How large the maps are, in entries; of one half where a map has two. */
struct ek_sizes {
	__u32 services;
	__u32 service_mask;		/* buckets - 1, as the other masks */
	__u32 slots;
	__u32 servers;
	__u32 endpoint_mask;
	__u32 own_mask;
	__u32 pad[2];
};

/* Map ek_control, one entry. `half` selects what every lookup of a packet sees; storing it is a commit. */
struct ek_control {
	__u32 half;			/* 0 or 1 */
	__u32 routes_epoch;		/* routes towards clients of another epoch are looked up again */
	__u64 seed[2];			/* of the bucket tables of each half */
	__u64 own_seed;
	struct ek_sizes sizes;
	__u32 stopping;			/* new work is refused, replies pass */
	__u8 pad[60];
};

/* Map ek_interfaces, at interface modulo EK_INTERFACES: those we are attached to. */
enum ek_interface_limit {
	EK_INTERFACES = 1024,
};

struct ek_interface {
	__u32 index;			/* 0: none */
	__u8 address[6];		/* what a frame for this machine is addressed to */
	__u8 pad[6];
};

/* Map ek_own: the director's own IPv4 addresses, 0 for none; each changed in place. */
struct ek_own4 {
	__be32 address[16];
};

/*
 * Where something stands by address, port and protocol: a virtual service, or a realserver's endpoint. A bucket is one
 * cache line; Java chooses seeds under which none overflows.
 */
struct ek_place4 {
	__be32 address;
	__be16 port;
	__u8 protocol;			/* 0: nothing stands here */
	__u8 pad;
	__u32 at;			/* index of the service, or of the realserver */
	__u32 pad2;
};

struct ek_bucket4 {
	struct ek_place4 place[4];
};

/*
 * Who gets the turns of a realserver that cannot be used: the length of the stretch that is dealt from (0: nobody can be
 * used), and these bits. In one word, since a change of state replaces all of it at once.
 */
enum ek_deal {
	EK_DEAL_SUSPECTS = 31,		/* nobody is open, so suspects serve */
	EK_DEAL_SIDE = 32,		/* which `dealt` of the slots counts */
};

/* Map ek_services: two halves. Its index is the service's slot in the counters and turns too, which outlive tables. */
struct ek_service {
	__u32 first_slot;		/* in ek_slots, without the half */
	__u32 slots;			/* 0: nobody has weight */
	__u64 deal;			/* length and enum ek_deal; changed in place */
	__be32 address;
	__be16 port;
	__u8 pad[42];
};

/* Map ek_turns: the ticket of one service, alone in its pair of cache lines. */
struct ek_turn {
	__u64 next;
	__u8 pad[120];
};

/*
 * Map ek_slots: two halves. One slot of a rotation, and beside it, with no tie between the two, one element of each side
 * of the service's deal.
 */
struct ek_slot {
	__u16 server;			/* in ek_servers, without the half */
	__u16 ordinal;			/* how many earlier slots have the same realserver */
	__u16 dealt[2];			/* realservers; the side that does not count is rewritten in place */
};

/* Map ek_servers: two halves. Its index is the realserver's in the counters too, and the same in every table. */
struct ek_server {
	__u64 state;			/* usability | generation << 16; changed in place in both halves */
	__u32 next_hop;			/* in ek_next_hops; changed in place in both halves */
	__u32 turns;			/* slots it has in the rotation */
	__be32 address;
	__be16 port;
	__u8 pad[2];
	__u32 service;			/* in ek_services, without the half */
	__u8 pad2[36];
};

/* Map ek_next_hops. Entry 0 is the unknown one: interface 0. Never changed while a server names it. */
struct ek_next_hop {
	__u32 interface;
	__u32 mtu;
	__u8 destination[6];
	__u8 source[6];
	__u8 pad[12];
};

/* Map ek_routes: the way to one client; the program fills it, another epoch in ek_control empties it. */
struct ek_route {
	__u32 interface;
	__u32 epoch;
	__u8 destination[6];
	__u8 source[6];
	__u32 mtu;
};

/*
 * Map ek_service_counts: one lane a CPU, at cpu * services + service. `beat` is odd while its CPU is between receiving a
 * packet and deciding it, so that a reader can tell when both laws must hold.
 */
struct ek_service_count {
	__u64 beat;
	__u64 received;
	__u64 forwarded;
	__u64 replies_received;
	__u64 replies;
	__u64 by_stack;			/* replies among `replies` that the stack had to route */
	__u64 dropped[EK_REASONS];
	__u64 pad[5];
};

/* Map ek_server_counts: one lane a CPU, at cpu * servers + realserver. */
struct ek_server_count {
	__u64 forwarded;
	__u64 replies;
};

/* Map ek_pass_counts: a lane a CPU. */
struct ek_pass_count {
	__u64 packets[EK_PASSES];
	__u64 left;			/* packets that ek_egress saw leave */
	__u64 rewritten;		/* replies among them that it rewrote */
	__u64 spoilt;			/* replies that it could not rewrite, and dropped */
};

/* Map ek_explained, one entry: what ek_explain found. */
enum ek_outcome {
	EK_PASSES_UP = 0,		/* detail: enum ek_pass */
	EK_DROPPED = 1,			/* detail: enum ek_reason */
	EK_FORWARDED = 2,
	EK_REPLIED = 3,
	EK_REPLIED_BY_STACK = 4,	/* no neighbour known: the stack resolves it */
};

struct ek_explained {
	__u32 outcome;			/* enum ek_outcome */
	__u32 detail;
	__u64 turn;			/* the one it would take */
	__u32 service;			/* in ek_services, or EK_NOWHERE; so the others */
	__u32 first_choice;		/* realserver of the turn's slot, in ek_servers */
	__u32 server;			/* the one it goes to */
	__u32 route_interface;		/* replies */
	__u8 pad[32];
};

enum ek_index {
	EK_NOWHERE = 0x7fffffff,
};

/* In .rodata: what the object says of itself, readable from the maps of a running program too. */
struct ek_about {
	enum ek_abi version;
	enum ek_reason reasons;
	enum ek_pass passes;
	enum ek_usability usabilities;
};

#endif
