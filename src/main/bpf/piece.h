/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Fragments: all of a datagram take the way of the first of them that was seen, for one turn. The first in the datagram has
 * the ports; where a later one comes before it, its address may say enough (EK_PIECES: one service, that goes by no port).
 * Nothing is put together and nothing waits.
 */
#ifndef EVENKEEL_PIECE_H
#define EVENKEEL_PIECE_H

#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#include "abi.h"
#include "clock.h"
#include "maps.h"
#include "packet.h"
#include "scratch.h"

#define EK_DATAGRAM_TICKS 120	/* 32 s: nobody waits longer for the rest (RFC 1122 3.3.2: 60 to 120 s; Linux 30 s) */

static __always_inline void ek_name_datagram(struct ek_datagram *datagram, const struct ek_packet *packet, const int v6)
{
	__builtin_memset(datagram, 0, sizeof(*datagram));
	__builtin_memcpy(datagram->source, ek_source(packet, v6), v6 ? 16 : 4);
	__builtin_memcpy(datagram->destination, ek_destination(packet, v6), v6 ? 16 : 4);
	datagram->id = packet->id;
	datagram->protocol = packet->protocol;
}

/* Where the other fragments of this datagram went; NULL if none was seen. The datagram stays named in the scratch. */
static __always_inline struct ek_piece *ek_other_piece(struct ek_scratch *scratch, const struct ek_packet *packet,
						       const int v6)
{
	struct ek_piece *piece;

	ek_name_datagram(&scratch->datagram, packet, v6);
	piece = bpf_map_lookup_elem(&ek_datagrams, &scratch->datagram);
	return piece && ek_age(ek_now(), piece->tick) <= EK_DATAGRAM_TICKS ? piece : NULL;
}

/* The datagram that is named in the scratch goes there. */
static __always_inline void ek_remember_piece(struct ek_scratch *scratch, __u32 server, __u32 service,
					      __u16 generation, __u16 reply)
{
	scratch->piece.server = server;
	scratch->piece.service = service;
	scratch->piece.tick = ek_now();
	scratch->piece.generation = generation;
	scratch->piece.reply = reply;
	bpf_map_update_elem(&ek_datagrams, &scratch->datagram, &scratch->piece, BPF_ANY);
}

#endif
