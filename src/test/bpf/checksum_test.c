// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * checksum.h by exhaustion: every value a checksum can have, under changes at its edges and drawn at random, against the
 * sum made anew. Built natively with sanitizers; prints how many it compared. Ends with 1 at the first difference.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checksum.h"

#define RANDOM_CHANGES 200

/*
 * What stands for a header: an address and a port that change, filler, and a word that is never 0, as the version in an
 * IP header and the protocol in a pseudo header are. (The sum of nothing but zeros has two forms, and cannot occur.)
 */
struct header {
	uint32_t address;
	uint16_t port;
	uint16_t filler;
	uint16_t constant;
	uint16_t checksum;
};

#define SUMMED 5		/* 16-bit words before the checksum */

static uint16_t sum_anew(const struct header *header)
{
	uint16_t words[SUMMED];
	uint32_t sum = 0;

	memcpy(words, header, sizeof(words));
	for (int i = 0; i < SUMMED; i++)
		sum += words[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* Filler that gives the header this checksum. */
static void fill_for(struct header *header, uint16_t checksum)
{
	uint32_t missing;

	header->filler = 0;
	missing = (uint16_t)~checksum + (uint32_t)sum_anew(header);
	missing = (missing & 0xffff) + (missing >> 16);
	missing = (missing & 0xffff) + (missing >> 16);
	header->filler = missing;
	header->checksum = sum_anew(header);
}

static uint32_t random_state = 2463534242u;

static uint32_t random_word(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

static void differ(const struct header *before, const struct header *after, uint16_t got, uint16_t wanted)
{
	printf("checksum %04x: address %08" PRIx32 " -> %08" PRIx32 ", port %04x -> %04x: %04x instead of %04x\n",
	       before->checksum, before->address, after->address, before->port, after->port, got, wanted);
	exit(1);
}

static void compare(struct header before, uint32_t address, uint16_t port)
{
	struct header after = before;
	uint64_t change = ek_change(before.address, address) + ek_change(before.port, port);
	uint16_t got, anew;

	after.address = address;
	after.port = port;
	anew = sum_anew(&after);
	got = ek_checksum(before.checksum, change);
	if (got != anew)
		differ(&before, &after, got, anew);

	/* UDP writes 0xffff for a computed 0, and reads 0 as none. */
	got = ek_udp_checksum(before.checksum ? before.checksum : 0xffff, change);
	if (got != (anew ? anew : 0xffff))
		differ(&before, &after, got, anew ? anew : 0xffff);
	if (ek_udp_checksum(0, change) != 0)
		differ(&before, &after, ek_udp_checksum(0, change), 0);
}

int main(void)
{
	static const uint32_t edges[] = {0, 1, 0xff, 0xffff, 0x10000, 0xfffe0001, 0x7fffffff, 0x80000000, 0xfffffffe,
					 0xffffffff};
	const int count = sizeof(edges) / sizeof(*edges);
	uint64_t compared = 0;

	for (uint32_t checksum = 0; checksum <= 0xffff; checksum++) {
		for (int from = 0; from < count; from++) {
			struct header before = {.address = edges[from], .port = edges[count - 1 - from],
						.constant = 0x4500};

			fill_for(&before, checksum);
			for (int to = 0; to < count; to++, compared++)
				compare(before, edges[to], edges[to]);
		}
		for (int i = 0; i < RANDOM_CHANGES; i++, compared++) {
			struct header before = {.address = random_word(), .port = random_word(), .constant = 0x4500};

			fill_for(&before, checksum);
			compare(before, random_word(), random_word());
		}
	}
	printf("%" PRIu64 "\n", compared);
	return 0;
}
