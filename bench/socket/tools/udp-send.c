// SPDX-License-Identifier: Apache-2.0
/*
 * One-way generator: sends datagrams as fast as the machine lets it, or at a rate.
 *
 *   udp-send --to ADDRESS:PORT[,PORT...] --seconds S [--from ADDRESS] [--clients N]
 *            [--length BYTES | --lengths MIN-MAX] [--batch MESSAGES] [--aggregate SEGMENTS] [--rate DATAGRAMS_PER_SECOND]
 *
 * Each client is one connected socket (client i sends to target i modulo targets); each sendmmsg takes the next
 * client. With --aggregate a message is a UDP_SEGMENT run of that many datagrams. With --rate datagrams leave one by
 * one, each stamped when it is sent.
 */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define MAX_CLIENTS 16384
#define MAX_BATCH 64
#define LENGTHS 4096 /* a power of two */
#define SEED 0x9e3779b97f4a7c15ULL

struct generator {
	int clients[MAX_CLIENTS];
	size_t client_count, next_client;
	size_t batch, aggregate;
	uint16_t lengths[LENGTHS];
	size_t next_length;
	uint64_t sent, failed;
};

static unsigned char payload[MAX_BATCH][MAX_DATAGRAM];
static struct iovec pieces[MAX_BATCH];
static struct mmsghdr messages[MAX_BATCH];

/* A fixed sequence: every balancer meets the same lengths in the same order. */
static void choose_lengths(struct generator *generator, const char *text)
{
	uint64_t random = SEED;
	long low, high;

	errno = 0;
	if (sscanf(text, "%ld-%ld", &low, &high) != 2 || low < (long)sizeof(struct stamp) || high < low ||
	    high > MAX_DATAGRAM)
		die("'%s' is not a range of lengths between %zu and %d", text, sizeof(struct stamp), MAX_DATAGRAM);
	for (size_t i = 0; i < LENGTHS; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		generator->lengths[i] = low + random % (high - low + 1);
	}
}

static void open_clients(struct generator *generator, const char *from, const struct endpoints *targets, int segment)
{
	struct endpoints source = {0};

	if (*from) {
		char with_port[64];

		snprintf(with_port, sizeof(with_port), "%s:0", from);
		source = parse_endpoints(with_port);
	}
	for (size_t i = 0; i < generator->client_count; i++) {
		int fd = udp_socket();

		if (source.count)
			bind_to(fd, &source.at[0]);
		connect_to(fd, &targets->at[i % targets->count]);
		if (segment && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment)))
			die("setsockopt UDP_SEGMENT");
		generator->clients[i] = fd;
	}
}

/* Lays out one message: a datagram, or a run of equal ones. */
static void write_message(struct generator *generator, size_t slot, uint64_t sequence, int64_t now)
{
	size_t length = generator->lengths[generator->next_length++ % LENGTHS];

	for (size_t segment = 0; segment < generator->aggregate; segment++) {
		struct stamp stamp = {sequence + segment, now};

		memcpy(payload[slot] + segment * length, &stamp, sizeof(stamp));
	}
	pieces[slot].iov_base = payload[slot];
	pieces[slot].iov_len = length * generator->aggregate;
	messages[slot].msg_hdr.msg_iov = &pieces[slot];
	messages[slot].msg_hdr.msg_iovlen = 1;
}

/* Sends one batch from the next client. An error of an earlier datagram (connection refused) costs one try, no more. */
static void send_batch(struct generator *generator, size_t count)
{
	int fd = generator->clients[generator->next_client++ % generator->client_count];
	int64_t now = now_nanos();
	int accepted;

	for (size_t slot = 0; slot < count; slot++)
		write_message(generator, slot, generator->sent + slot * generator->aggregate, now);
	accepted = sendmmsg(fd, messages, count, 0);
	if (accepted < 0) {
		if (errno != ECONNREFUSED && errno != EAGAIN && errno != ENOBUFS)
			die("sendmmsg");
		generator->failed++;
		return;
	}
	generator->sent += accepted * generator->aggregate;
}

static void send_at_full_speed(struct generator *generator, int64_t end)
{
	while (now_nanos() < end)
		send_batch(generator, generator->batch);
}

static void send_at_rate(struct generator *generator, int64_t start, int64_t end, long rate)
{
	for (int64_t turn = 0;; turn++) {
		int64_t due = start + turn * NANOS_PER_SECOND / rate;

		if (due >= end)
			return;
		if (due > now_nanos())
			sleep_until(due);
		send_batch(generator, 1);
	}
}

int main(int argc, char **argv)
{
	static struct generator generator;
	struct endpoints targets = parse_endpoints(option(argc, argv, "--to", NULL));
	long seconds = option_number(argc, argv, "--seconds", 1);
	long length = option_number(argc, argv, "--length", 64);
	long rate = option_number(argc, argv, "--rate", 0);
	char equal[64];
	int64_t start, elapsed;

	generator.client_count = option_number(argc, argv, "--clients", 1);
	generator.aggregate = option_number(argc, argv, "--aggregate", 1);
	generator.batch = option_number(argc, argv, "--batch", MAX_BATCH);
	errno = 0;
	if (!generator.client_count || generator.client_count > MAX_CLIENTS)
		die("--clients is 1 to %d", MAX_CLIENTS);
	if (!generator.batch || generator.batch > MAX_BATCH)
		die("--batch is 1 to %d", MAX_BATCH);
	if (!generator.aggregate || generator.aggregate * length > MAX_DATAGRAM)
		die("--aggregate times --length is 1 to %d", MAX_DATAGRAM);
	if (generator.aggregate > 1 && *option(argc, argv, "--lengths", ""))
		die("--aggregate needs equal lengths");

	snprintf(equal, sizeof(equal), "%ld-%ld", length, length);
	choose_lengths(&generator, option(argc, argv, "--lengths", equal));
	raise_fd_limit();
	open_clients(&generator, option(argc, argv, "--from", ""), &targets, generator.aggregate > 1 ? length : 0);
	prctl(PR_SET_TIMERSLACK, 1000UL); /* the default, 50 µs, is half the pace of 10,000 a second */

	start = now_nanos();
	if (rate)
		send_at_rate(&generator, start, start + seconds * NANOS_PER_SECOND, rate);
	else
		send_at_full_speed(&generator, start + seconds * NANOS_PER_SECOND);
	elapsed = now_nanos() - start;
	printf("{\"sent\":%lu,\"failed_calls\":%lu,\"seconds\":%.6f,\"cpu_seconds\":%.6f}\n", generator.sent,
	       generator.failed, elapsed / 1e9, cpu_seconds());
	return 0;
}
