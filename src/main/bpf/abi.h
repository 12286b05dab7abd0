/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Every record and number that the kernel plane shares with Java, once.
 *
 * Java's mirror is dataplane.kernel.Abi. When the object is loaded, names, sizes, offsets and values on both sides are
 * compared through the object's BTF, and a difference is refused. So a member has a fixed-size type, padding is spelled
 * out, and whoever changes a line here raises EK_ABI_VERSION: maps that an older program left pinned carry the old one.
 *
 * Who writes what: Java alone writes configuration (control, services, slots, servers, next hops, endpoints,
 * own addresses); the program alone writes turns, routes towards clients, clocks, and counters; both write flows and loads,
 * by compare-and-swap and fetch-and-add. What Java may change in place, under running traffic, is one aligned word;
 * everything else is written into the half that is not in force.
 *
 * An address is 16 octets everywhere but in the tables that only IPv4 uses; an IPv4 address is the first word, and the
 * others are zero.
 */
#ifndef EVENKEEL_ABI_H
#define EVENKEEL_ABI_H

#include <linux/types.h>

enum ek_abi {
	EK_ABI_VERSION = 7,
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
	EK_MALFORMED = 4,		/* lengths that contradict each other */
	EK_SHUTTING_DOWN = 5,
	EK_IMPOSSIBLE_SOURCE = 6,	/* an address that no client can have */
	EK_OVERLOADED = 7,		/* whoever could be used is at its upper threshold */
	EK_FLOW_TABLE_FULL = 8,
	EK_SOURCE_TAKEN = 9,		/* its port is in use towards another service with the same realservers, and no other free */
	EK_TX_FAILED = 10,		/* the kernel gave no room for outer headers */
	EK_REPLY_REASONS = 11,
	EK_REPLY_NO_ROUTE = 11,
	EK_REPLY_TOO_BIG = 12,
	EK_REPLY_TTL_EXPIRED = 13,
	EK_REPLY_FRAGMENT = 14,		/* a piece whose next hop has to be found by the stack, which would not rewrite it */
	EK_REPLY_MALFORMED = 15,
	EK_REPLY_STRANGER = 16,		/* the flow is another realserver's */
	EK_REPLY_UNEXPECTED = 17,	/* nobody waits for it */
	EK_REASONS = 18,
};

/* Why a packet is none of ours. All of them pass up to the stack. */
enum ek_pass {
	EK_PASS_TRUNCATED = 0,		/* ends inside a header */
	EK_PASS_ELSEWHERE = 1,		/* not addressed to this machine's MAC address, or to many */
	EK_PASS_OTHER = 2,		/* no protocol of ours */
	EK_PASS_NO_SERVICE = 3,
	EK_PASS_OWN_ADDRESS = 4,	/* from a realserver, but to the director itself: the answer to a probe */
	EK_PASS_NO_FLOW = 5,		/* the middle of a TCP connection that is not known, or no answer to a client of ours */
	EK_PASSES = 6,
};

/* How a service chooses. Slot tables and rotations stand in ek_slots, the others look at the load of all candidates. */
enum ek_algorithm {
	EK_ROTATE = 0,
	EK_SOURCE_HASH = 1,
	EK_DESTINATION_HASH = 2,
	EK_MAGLEV = 3,
	EK_LEAST_LOAD = 4,		/* lc */
	EK_LEAST_BY_WEIGHT = 5,		/* wlc */
	EK_LEAST_DELAY = 6,		/* sed */
	EK_IDLE_FIRST = 7,		/* nq */
	EK_HEAVIEST = 8,		/* fo */
	EK_UNTIL_FULL = 9,		/* ovf */
	EK_ALGORITHMS = 10,
};

/* How a packet reaches its realserver. */
enum ek_method {
	EK_NAT = 0,
	EK_DIRECT = 1,
	EK_IPIP = 2,
	EK_GUE = 3,
	EK_GRE = 4,
	EK_METHODS = 5,
};

/* What a service is, beside how it chooses. */
enum ek_service_flag {
	EK_ONE_PACKET = 1,
	EK_HASH_PORT = 2,		/* the client's port is part of the hash */
	EK_HASH_FALLBACK = 4,		/* walk on when the slot's realserver cannot be used */
	EK_ASKS_FLOW = 8,		/* a reply is this service's only if a flow says so */
	EK_NOTES_CLIENT = 16,		/* one-packet, but endpoints are shared: who asked has to be remembered */
	EK_GROUP_ONE_PACKET = 32,	/* a service with the same endpoints is one-packet: without a flow a reply is ambiguous */
	EK_PERSISTENT = 64,
	EK_THRESHOLDS = 128,		/* a realserver may be full */
	EK_SHARES = 256,		/* its endpoints are another service's too */
};

enum ek_server_flag {
	EK_WEIGHTED = 1,		/* its weight is above 0 */
	EK_DRAINING = 2,		/* clients that a hash sends here walk on, whatever the flags */
	EK_OUTER_V6 = 4,		/* its address, which tunnels lead to, is of IPv6 */
};

/* The low octet of a flow's value. TCP's are IPVS's, in its order. */
enum ek_flow_state {
	EK_TCP_NONE = 0,
	EK_TCP_ESTABLISHED = 1,
	EK_TCP_SYN_SENT = 2,
	EK_TCP_SYN_RECV = 3,
	EK_TCP_FIN_WAIT = 4,
	EK_TCP_TIME_WAIT = 5,
	EK_TCP_CLOSE = 6,
	EK_TCP_CLOSE_WAIT = 7,
	EK_TCP_LAST_ACK = 8,
	EK_TCP_LISTEN = 9,
	EK_TCP_SYNACK = 10,
	EK_TCP_STATES = 11,
	EK_UDP = 11,
	EK_NOTE = 12,			/* who asked, of a one-packet service: its owner is the service */
	EK_TEMPLATE = 13,		/* where a client's new flows go (persistence) */
	EK_FLOW_STATES = 16,
	EK_FLOW_STATE_MASK = 15,
	EK_FLOW_ANSWERED = 16,		/* the realserver has been heard */
	EK_FLOW_TRANSLATED = 32,	/* the realserver knows the client by another port, which is in the key */
};

/* How large the maps are, in entries; of one half where a map has two. */
struct ek_sizes {
	__u32 services;
	__u32 service_mask;		/* buckets - 1, as the other masks */
	__u32 slots;
	__u32 servers;
	__u32 endpoint_mask;
	__u32 own_mask;
	__u32 flow_mask;		/* buckets - 1, of flows that fit into a quarter of a cache line */
	__u32 wide_flow_mask;		/* and of those that need half of one */
};

/* Map ek_control, one entry. `half` selects what every lookup of a packet sees; storing it is a commit. */
struct ek_control {
	__u32 half;			/* 0 or 1 */
	__u32 routes_epoch;		/* routes towards clients of another epoch are looked up again */
	__u64 seed[2];			/* of the bucket tables of each half */
	__u64 own_seed;
	struct ek_sizes sizes;
	__u32 stopping;			/* new work is refused, replies pass */
	__u32 lives[EK_FLOW_STATES];	/* idle life of a flow by its state, in ticks; 0: the service says */
	__u32 zero;			/* always; but the verifier does not know it, and follows fewer ways */
	__u64 flow_seed;
};

/* Map ek_interfaces, at interface modulo EK_INTERFACES: those we are attached to. */
enum ek_interface_limit {
	EK_INTERFACES = 1024,
};

struct ek_interface {
	__u32 index;			/* 0: none */
	__u8 address[6];		/* what a frame for this machine is addressed to */
	__u8 redirects;			/* what goes out where it came in is redirected, not XDP_TX */
	__u8 pad[5];
};

/* Map ek_own: the director's own IPv4 addresses, 0 for none; each changed in place. */
struct ek_own4 {
	__be32 address[16];
};

/* Map ek_own6: its IPv6 addresses; one whose first word is 0 is none. */
struct ek_address6 {
	__be32 word[4];
};

struct ek_own6 {
	struct ek_address6 address[4];
};

/*
 * Where something stands by address, port and protocol: a virtual service, or a realserver's endpoint. A bucket is one
 * cache line; Java chooses seeds under which none overflows.
 */
enum ek_place_of_pieces {
	EK_PIECES = 0x80,		/* of a place's protocol: it has no port, and is for fragments, which have none either */
};

struct ek_place4 {
	__be32 address;
	__be16 port;
	__u8 protocol;			/* 0: nothing stands here; may have EK_PIECES */
	__u8 pad;
	__u32 at;			/* index of the service, or of the realserver */
	__u32 pad2;
};

struct ek_bucket4 {
	struct ek_place4 place[4];
};

struct ek_place6 {
	__be32 address[4];
	__be16 port;
	__u8 protocol;
	__u8 pad;
	__u32 at;
	__u8 pad2[8];
};

struct ek_bucket6 {
	struct ek_place6 place[4];	/* two cache lines */
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
	__u32 slots;			/* of the rotation or slot table */
	__u64 deal;			/* length and enum ek_deal; changed in place. Length 0: nobody can be used */
	__be32 address[4];
	__be16 port;
	__u16 flags;			/* enum ek_service_flag */
	__u32 first_candidate;		/* in ek_slots too: every realserver once, in the order that the algorithm asks */
	__u32 candidates;
	__u16 group;			/* of services with common endpoints; above 0 */
	__u8 algorithm;			/* enum ek_algorithm */
	__u8 prefix;			/* bits of a client's address that its template is for */
	__u32 life;			/* idle life of a UDP flow or note, in ticks */
	__u32 template_life;
	__u8 pad[8];
};

/* Map ek_turns: the ticket of one service, alone in its pair of cache lines. */
struct ek_turn {
	__u64 next;
	__u8 pad[120];
};

/*
 * Map ek_slots: two halves. One slot of a rotation, and beside it, with no tie between the two, one element of each side
 * of the service's deal. Of a slot table or a list of candidates `server` alone counts.
 */
struct ek_slot {
	__u16 server;			/* in ek_servers, without the half; EK_NOBODY: none */
	__u16 ordinal;			/* how many earlier slots have the same realserver */
	__u16 dealt[2];			/* realservers; the side that does not count is rewritten in place */
};

enum ek_slot_value {
	EK_NOBODY = 0xffff,
	EK_MOST_CANDIDATES = 256,	/* of a service whose algorithm looks at all of them, or that has thresholds */
};

/* Map ek_servers: two halves. Its index is the realserver's in the counters too, and the same in every table. */
struct ek_server {
	__u64 state;			/* usability | generation << 16; changed in place in both halves */
	__u32 next_hop;			/* in ek_next_hops; changed in place in both halves */
	__u32 turns;			/* slots it has in the rotation */
	__be32 address[4];
	__be16 port;
	__u8 method;			/* enum ek_method */
	__u8 flags;			/* enum ek_server_flag */
	__u32 service;			/* in ek_services, without the half */
	__u32 same_endpoint;		/* the next realserver of another service at its address and port; EK_NOWHERE: none */
	__u32 weight;
	__u32 upper;			/* flows at which it takes no new ones; 0: none */
	__u32 lower;			/* below which it takes them again */
	__be16 tunnel_port;		/* of gue */
	__u8 pad[2];
	__u32 sole_until;		/* tick until which an answer from here that no note explains is its service's; 0: none is */
};

/* Map ek_loads: what a realserver carries, in every table; shared by all CPUs, alone in its cache line. */
struct ek_load {
	__u64 active;			/* flows in an active state of TCP */
	__u64 inactive;			/* the others */
	__u64 lately;			/* picked since its service's table or a state last changed, under one-packet scheduling */
	__u64 overloaded;		/* it has reached its upper threshold, and not sunk below the lower since */
	__u8 pad[32];
};

/*
 * Maps ek_flows and ek_wide_flows: buckets of one cache line. A flow's key is exact: the client's address and port, and the
 * group of the service. Tag 0: free. Whoever makes or ends a flow wins its tag by compare-and-swap, and puts EK_FLOW_BUSY
 * there while the rest is written.
 *
 * tag:   client's IPv4 address << 32 | its port << 16 | group (| EK_TEMPLATES); of a wide flow without the address
 * value: owner << 48 | generation << 32 | tick of the last packet << 8 | enum ek_flow_state
 *
 * The owner is a realserver, or of a note the service.
 */
struct ek_flow {
	__u64 tag;
	__u64 value;
};

struct ek_flow_bucket {
	struct ek_flow flow[4];
};

struct ek_wide_flow {
	__be32 client[4];
	struct ek_flow flow;
};

struct ek_wide_bucket {
	struct ek_wide_flow wide[2];
};

enum ek_flow_key {
	EK_FLOW_BUSY = 0x7fff,		/* no group is that */
	EK_TEMPLATES = 0x8000,		/* of a group: it is a service, and the flow a template of it */
};

/* Map ek_clocks: a lane a CPU. Reading the clock costs more than anything else here, so it is read once a jiffy. */
struct ek_clock {
	__u64 jiffies;
	__u64 tick;			/* CLOCK_MONOTONIC in EK_TICK_SHIFT, EK_TICK_BITS of it */
	__u32 complained;		/* the tick in which `complaints` were made */
	__u32 complaints;
	__u8 pad[40];
};

enum ek_tick {
	EK_TICK_SHIFT = 28,		/* 268 ms */
	EK_TICK_BITS = 24,		/* 52 days */
};

/* Map ek_next_hops. Entry 0 is the unknown one: interface 0. Entry 1 is this machine. Never changed while a server names it. */
enum ek_next_hop_place {
	EK_HOP_UNKNOWN = 0,
	EK_HOP_LOCAL = 1,
};

struct ek_next_hop {
	__u32 interface;
	__u32 mtu;
	__u8 destination[6];
	__u8 source[6];
	__be32 from[4];			/* the address that outer headers come from; zero if the kernel names none */
	__u8 pad[28];
};

/* In map ek_routes: the way to one client; the program fills it, another epoch in ek_control empties it. */
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
	__u64 local;			/* given to this machine's own stack */
	__u64 replies_received;
	__u64 replies;
	__u64 by_stack;			/* replies among `replies` that the stack had to route */
	__u64 moved;			/* flows that left a realserver that had failed or gone */
	__u64 unremembered;		/* new clients for whom there was no room for a template */
	__u64 translated;		/* packets among `forwarded` that left from another port than the client's */
	__u64 dropped[EK_REASONS];
	__u64 pad[4];
};

/* Map ek_server_counts: one lane a CPU, at cpu * servers + realserver. */
struct ek_server_count {
	__u64 forwarded;
	__u64 replies;
};

/* Map ek_pass_counts: a lane a CPU. */
struct ek_pass_count {
	__u64 packets[EK_PASSES];
	__u64 complaints;		/* ICMP errors of our own, to clients */
	__u64 complaints_spared;	/* which would have been too many */
	__u64 errors_back;		/* ICMP errors from realservers and their routers, translated for clients */
	__u64 errors_in;		/* and from clients and their routers, for realservers */
	__u64 errors_lost;		/* ICMP errors with no way on: too long, no hop left, no route */
	__u64 pieces;			/* fragments that followed the first of their datagram to be seen */
	__u64 pieces_lost;		/* of these, those that had no way on */
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
	EK_DELIVERED = 5,		/* to this machine's own stack */
};

/* What said where it goes, before any turn. */
enum ek_told_by {
	EK_NO_FLOW = 0,
	EK_A_FLOW = 1,			/* or a note */
	EK_A_TEMPLATE = 2,
};

struct ek_explained {
	__u32 outcome;			/* enum ek_outcome */
	__u32 detail;
	__u64 turn;			/* the one it would take */
	__u32 service;			/* in ek_services, or EK_NOWHERE; so the others */
	__u32 first_choice;		/* realserver of the turn's slot, in ek_servers */
	__u32 server;			/* the one it goes to */
	__u32 route_interface;		/* replies */
	__u32 slot;			/* of the rotation or slot table, or EK_NOWHERE */
	__u32 flow_found;		/* enum ek_told_by */
	__u64 flow_value;		/* and this is its value */
	__u8 pad[16];
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
	enum ek_algorithm algorithms;
	enum ek_method methods;
	enum ek_service_flag service_flags;
	enum ek_server_flag server_flags;
	enum ek_flow_state flow_states;
	enum ek_flow_key flow_keys;
	enum ek_tick ticks;
	enum ek_next_hop_place next_hop_places;
	enum ek_slot_value slot_values;
	enum ek_outcome outcomes;
	enum ek_told_by told_by;
	enum ek_place_of_pieces pieces;
};

#endif
