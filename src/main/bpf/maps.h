/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The maps, and one function to look into each. Sizes here are placeholders: Java sets the real ones before it loads the
 * object, and says them again in ek_control. Where a map has two halves, Java fills the one that is not in force.
 */
#ifndef EVENKEEL_MAPS_H
#define EVENKEEL_MAPS_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "scratch.h"

#define EK_ARRAY(name, record)				\
struct {						\
	__uint(type, BPF_MAP_TYPE_ARRAY);		\
	__uint(map_flags, BPF_F_MMAPABLE);		\
	__uint(max_entries, 2);				\
	__type(key, __u32);				\
	__type(value, record);				\
} name SEC(".maps");					\
							\
static __always_inline record *name##_at(__u32 index)	\
{							\
	return bpf_map_lookup_elem(&name, &index);	\
}

EK_ARRAY(ek_control, struct ek_control)
EK_ARRAY(ek_interfaces, struct ek_interface)
EK_ARRAY(ek_own, struct ek_own4)
EK_ARRAY(ek_own6, struct ek_own6)
EK_ARRAY(ek_service_places, struct ek_bucket4)
EK_ARRAY(ek_service_places6, struct ek_bucket6)
EK_ARRAY(ek_endpoint_places, struct ek_bucket4)
EK_ARRAY(ek_endpoint_places6, struct ek_bucket6)
EK_ARRAY(ek_services, struct ek_service)
EK_ARRAY(ek_turns, struct ek_turn)
EK_ARRAY(ek_slots, struct ek_slot)
EK_ARRAY(ek_servers, struct ek_server)
EK_ARRAY(ek_loads, struct ek_load)
EK_ARRAY(ek_next_hops, struct ek_next_hop)
EK_ARRAY(ek_flows, struct ek_flow_bucket)
EK_ARRAY(ek_wide_flows, struct ek_wide_bucket)
EK_ARRAY(ek_clocks, struct ek_clock)
EK_ARRAY(ek_service_counts, struct ek_service_count)
EK_ARRAY(ek_server_counts, struct ek_server_count)
EK_ARRAY(ek_pass_counts, struct ek_pass_count)
EK_ARRAY(ek_explained, struct ek_explained)
EK_ARRAY(ek_scratches, struct ek_scratch)

/*
 * The ways to clients, a table a CPU, which that CPU alone reads and writes. A client has one place, by its address, and who
 * comes there later takes it. Losing an entry costs a look into the routing table.
 */
#define EK_ROUTE_BITS 14

struct ek_known_route {
	struct ek_address6 client;
	struct ek_route route;
	__u32 v6;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1 << EK_ROUTE_BITS);
	__type(key, __u32);
	__type(value, struct ek_known_route);
} ek_routes SEC(".maps");

/* Clients' ports towards services that share realservers, where one port asks several of them. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct ek_known_as);
	__type(value, __be16);
} ek_translations SEC(".maps");

/* Datagrams of which a fragment was seen. A flood of them pushes out the oldest, and their later fragments are lost. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct ek_datagram);
	__type(value, struct ek_piece);
} ek_datagrams SEC(".maps");

#endif
