// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Programs and maps of each kind that tests of the bindings need. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

char ek_license[] SEC("license") = "Dual BSD/GPL";

struct pair {
	__u32 first;
	__u16 second;
	__u8 third[2];
	__u64 fourth;
};

enum colour {
	RED = 3,
	BLUE = 70000,
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct pair);
} pairs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__uint(value_size, 12);
} lanes SEC(".maps");

const volatile enum colour colour = BLUE;

/* Swaps the Ethernet addresses and sends the packet back, with one byte more in front: room and output are exact. */
SEC("xdp")
int swap_and_grow(struct xdp_md *ctx)
{
	unsigned char *start, *end;
	int i;

	if (bpf_xdp_adjust_head(ctx, -1))
		return XDP_ABORTED;
	start = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (start + 1 + ETH_HLEN > end)
		return XDP_DROP;
	start[0] = 0xee;
	for (i = 1; i <= ETH_ALEN; i++) {
		unsigned char kept = start[i];

		start[i] = start[i + ETH_ALEN];
		start[i + ETH_ALEN] = kept;
	}
	return XDP_TX;
}

SEC("xdp")
int foreign_pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

SEC("tc")
int foreign_tc(struct __sk_buff *skb)
{
	__u32 key = 1;

	(void)skb;
	bpf_map_lookup_elem(&pairs, &key);
	bpf_map_lookup_elem(&lanes, &key);
	return colour == RED ? 0 : -1;
}
