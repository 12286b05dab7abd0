/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * A client that asks two services with the same realservers from one port: the answers would look alike. What the second
 * one is asked therefore leaves from a port of ours, by which the answers are told apart and given their port back.
 */
#ifndef EVENKEEL_TRANSLATE_H
#define EVENKEEL_TRANSLATE_H

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "flow.h"
#include "pick.h"
#include "view.h"

#define EK_BACK 0x80000000U	/* of ek_known_as.whose: by the port that realservers see */
#define EK_PORT_TRIES 8
#define EK_FIRST_PORT 32768

static __always_inline void ek_name_known(struct ek_known_as *name, const __be32 *client, __u32 whose, __be16 port)
{
	__builtin_memset(name, 0, sizeof(*name));
	__builtin_memcpy(name->client, client, sizeof(name->client));
	name->whose = whose;
	name->port = port;
}

/* Nobody of this client's flows with the group has the port. */
static __always_inline int ek_port_free(const struct ek_view *view, struct ek_scratch *scratch,
					const struct ek_choice *choice, __u16 group, __be16 port, __u32 how)
{
	struct ek_found found = {};

	ek_name_known(&scratch->known_as, choice->client, EK_BACK | group, port);
	if (bpf_map_lookup_elem(&ek_translations, &scratch->known_as))
		return 0;
	if (how & EK_V6) {
		ek_make_key(&scratch->template_key, view, choice->client, port, group, 1);
		return !ek_find(&found, &scratch->template_key, view, 1);
	}
	ek_make_key(&scratch->template_key, view, choice->client, port, group, 0);
	return !ek_find(&found, &scratch->template_key, view, 0);
}

/*
 * The port by which realservers know choice->client, which asks this service from choice->port: 0 if by that. With
 * EK_TAKEN that one is taken, and another is found; then 0 says that none is free.
 */
__attribute__((noinline)) __u32 ek_translate(__u32 half, __u32 at, struct ek_choice *choice, __u32 how)
{
	struct ek_scratch *scratch = ek_scratch();
	struct ek_service *service;
	struct ek_view view = {};
	__be16 *known, port;
	__u32 i;

	if (!choice || !scratch || ek_look_as(&view, half))
		return 0;
	service = ek_service(&view, at);
	if (!service)
		return 0;
	ek_name_known(&scratch->known_as, choice->client, at, choice->port);
	known = bpf_map_lookup_elem(&ek_translations, &scratch->known_as);
	if (known)
		return *known;
	if (!(how & EK_TAKEN))
		return 0;
	for (i = 0; i < EK_PORT_TRIES; i++) {
		port = bpf_htons(EK_FIRST_PORT +
				 (((__u32)bpf_ntohs(choice->port) + (at + 1) * 4099 + i * 257) & (EK_FIRST_PORT - 1)));
		if (!ek_port_free(&view, scratch, choice, service->group, port, how))
			continue;
		if (how & EK_DRY)
			return port;
		ek_name_known(&scratch->known_as, choice->client, EK_BACK | service->group, port);
		if (bpf_map_update_elem(&ek_translations, &scratch->known_as, &choice->port, BPF_NOEXIST))
			continue;	/* another CPU has taken it */
		ek_name_known(&scratch->known_as, choice->client, at, choice->port);
		bpf_map_update_elem(&ek_translations, &scratch->known_as, &port, BPF_ANY);
		return port;
	}
	return 0;
}

/* The port that the client uses, by the one that realservers know it by; 0 if that is not known any more. */
static __always_inline __be16 ek_translate_back(struct ek_scratch *scratch, const __be32 *client, __u16 group,
						__be16 port, const int v6)
{
	__be16 *known;

	__builtin_memset(&scratch->address, 0, sizeof(scratch->address));
	__builtin_memcpy(&scratch->address, client, v6 ? 16 : 4);
	ek_name_known(&scratch->known_as, scratch->address.word, EK_BACK | group, port);
	known = bpf_map_lookup_elem(&ek_translations, &scratch->known_as);
	return known ? *known : 0;
}

#endif
