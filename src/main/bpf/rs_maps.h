/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The realserver program's maps, and the questions it asks them. */
#ifndef EVENKEEL_RS_MAPS_H
#define EVENKEEL_RS_MAPS_H

#include <linux/bpf.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <bpf/bpf_helpers.h>

#include "rs_abi.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rs_control);
} rs_control SEC(".maps");

/* One entry a CPU; Java sets how many. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rs_count);
} rs_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct rs_address);
	__type(value, __u32);
} rs_vips SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct rs_address);
	__type(value, __u32);
} rs_own SEC(".maps");

/* Losing an entry loses sight of one client. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct rs_asking);
	__type(value, struct rs_address);
} rs_asked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __be16);
	__type(value, struct rs_answers);
} rs_watched SEC(".maps");

static __always_inline void rs_v4(struct rs_address *key, __be32 address)
{
	key->version = 4;
	key->word[0] = address;
	key->word[1] = key->word[2] = key->word[3] = 0;
}

static __always_inline void rs_v6(struct rs_address *key, const struct in6_addr *address)
{
	key->version = 6;
	__builtin_memcpy(key->word, address, sizeof(key->word));
}

static __always_inline int rs_is_vip(const struct rs_address *key)
{
	return bpf_map_lookup_elem(&rs_vips, key) != NULL;
}

static __always_inline int rs_is_own(const struct rs_address *key)
{
	return bpf_map_lookup_elem(&rs_own, key) != NULL;
}

#endif
