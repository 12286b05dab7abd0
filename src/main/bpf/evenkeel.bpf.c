// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The kernel plane's object: its programs' entries, one for each hook. The work is in the headers, one a job.
 *
 * Runs in the kernel on the CPU that received the packet, any number of CPUs at once. Needs Linux 5.15, and nothing but
 * the kernel's user headers and libbpf's to compile. GPL-compatible by its licence string, since some helpers ask for it.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "count.h"
#include "egress.h"
#include "forward.h"
#include "maps.h"
#include "packet.h"
#include "place.h"
#include "reply.h"
#include "view.h"

char ek_license[] SEC("license") = "Dual BSD/GPL";

const volatile struct ek_about ek_about = {
	.version = EK_ABI_VERSION,
	.reasons = EK_REASONS,
	.passes = EK_PASSES,
	.usabilities = EK_SHUT,
};

static __always_inline int ek_pass(enum ek_pass why, struct ek_explained *explained)
{
	if (explained) {
		explained->outcome = EK_PASSES_UP;
		explained->detail = why;
	} else {
		ek_count_pass(why);
	}
	return XDP_PASS;
}

static __always_inline int ek_come_back(struct xdp_md *ctx, struct ek_packet *packet, const struct ek_view *view,
					struct ek_explained *explained)
{
	__u32 at = ek_endpoint_of(view, packet->ip->saddr, packet->udp->source, IPPROTO_UDP);
	struct ek_service *service;
	struct ek_server *server;

	if (at == EK_NOWHERE)
		return ek_pass(EK_PASS_NO_SERVICE, explained);
	if (ek_is_own(view->control, packet->ip->daddr))
		return ek_pass(EK_PASS_OWN_ADDRESS, explained);
	server = ek_server(view, at);
	if (!server)
		return XDP_ABORTED;
	service = ek_service(view, server->service);
	if (!service)
		return XDP_ABORTED;
	if (explained) {
		explained->service = server->service;
		explained->server = at;
	}
	return ek_reply(ctx, packet, view, service, server, at, ctx->ingress_ifindex, explained);
}

/* With `explained` it says there what it would do, and does nothing else; the route to a client it may remember. */
static __always_inline int ek_way(struct xdp_md *ctx, struct ek_explained *explained)
{
	struct ek_service *service;
	struct ek_packet packet;
	struct ek_view view;
	__u32 at;
	int pass;

	if (ek_look(&view))
		return XDP_ABORTED;
	pass = ek_read(&packet, (void *)(long)ctx->data, (void *)(long)ctx->data_end, ctx->ingress_ifindex);
	if (pass != EK_READ)
		return ek_pass(pass - 1, explained);
	at = ek_service_of(&view, packet.ip->daddr, packet.udp->dest, IPPROTO_UDP);
	if (at == EK_NOWHERE)
		return ek_come_back(ctx, &packet, &view, explained);
	service = ek_service(&view, at);
	if (!service)
		return XDP_ABORTED;
	if (explained)
		explained->service = at;
	return ek_forward(&packet, &view, service, at, ctx->ingress_ifindex, explained);
}

SEC("xdp")
int ek_ingress(struct xdp_md *ctx)
{
	return ek_way(ctx, NULL);
}

/* The same program for a packet that a person describes: test runs only, attached nowhere. */
SEC("xdp")
int ek_explain(struct xdp_md *ctx)
{
	struct ek_explained *explained = ek_explained_at(0);

	if (!explained)
		return XDP_ABORTED;
	explained->service = EK_NOWHERE;
	explained->server = EK_NOWHERE;
	explained->first_choice = EK_NOWHERE;
	return ek_way(ctx, explained);
}

SEC("tc")
int ek_egress(struct __sk_buff *skb)
{
	struct ek_pass_count *lane = ek_pass_counts_at(bpf_get_smp_processor_id());

	if (!lane)
		return TC_ACT_UNSPEC;	/* cannot be: the verifier wants to hear it */
	lane->left++;
	return ek_leave(skb, lane);
}
