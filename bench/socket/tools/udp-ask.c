// SPDX-License-Identifier: Apache-2.0
/*
 * Two-way client, closed loop: keeps a window of queries unanswered, each answered query makes room for the next.
 *
 *   udp-ask --to ADDRESS:PORT[,PORT...] --from ADDRESS --seconds S [--clients N] [--new-ports] [--window W]
 *           [--length BYTES] [--rate QUERIES_PER_SECOND] [--latency]
 *
 * Sockets are connected, so only an answer from the address that was asked counts. With one client batches go through
 * sendmmsg and recvmmsg; with more, queries take the clients in turn. With --new-ports every query has a socket of its
 * own, closed when it is over; ports go in order through the ephemeral range and on to the next source address.
 * A query without an answer after 200 ms is lost. With --rate queries leave at that pace while the window has room.
 */
#define _GNU_SOURCE
#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CLIENTS 16384
#define MAX_LENGTH 1472
#define BATCH 64
#define QUERIES (1 << 20) /* a power of two, far above any window */
#define LOST_AFTER (NANOS_PER_SECOND / 5)
#define FIRST_PORT 32768
#define LAST_PORT 60999
#define SOURCES 16

struct query {
	uint64_t sequence;
	int64_t sent;
	int fd;
	bool pending;
};

struct asker {
	struct endpoints targets;
	struct in_addr from;
	int epoll;
	int clients[MAX_CLIENTS];
	size_t client_count, next_client;
	bool new_ports, in_batches, latency;
	size_t window, outstanding, length;
	uint64_t next, oldest; /* sequence numbers; all before oldest are over */
	uint32_t next_port, next_source;
	uint64_t answered, lost, strays, failed;
	struct samples samples;
};

static struct query queries[QUERIES];
static unsigned char out[BATCH][MAX_LENGTH], in[BATCH][MAX_LENGTH];
static struct iovec out_pieces[BATCH], in_pieces[BATCH];
static struct mmsghdr out_messages[BATCH], in_messages[BATCH];

static void watch(struct asker *asker, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(asker->epoll, EPOLL_CTL_ADD, fd, &event))
		die("epoll_ctl");
}

static void open_clients(struct asker *asker)
{
	struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr = asker->from};

	for (size_t i = 0; i < asker->client_count; i++) {
		int fd = udp_socket();

		bind_to(fd, &source);
		connect_to(fd, &asker->targets.at[i % asker->targets.count]);
		watch(asker, fd);
		asker->clients[i] = fd;
	}
}

/* The next free port; one that somebody holds is passed over. */
static int open_new_port(struct asker *asker)
{
	const struct sockaddr_in *target = &asker->targets.at[asker->next % asker->targets.count];
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	for (int tries = 0; tries < LAST_PORT - FIRST_PORT; tries++) {
		struct sockaddr_in source = {.sin_family = AF_INET};

		source.sin_addr.s_addr = htonl(ntohl(asker->from.s_addr) + asker->next_source);
		source.sin_port = htons(FIRST_PORT + asker->next_port);
		if (++asker->next_port > LAST_PORT - FIRST_PORT) {
			asker->next_port = 0;
			asker->next_source = (asker->next_source + 1) % SOURCES;
		}
		if (bind(fd, (struct sockaddr *)&source, sizeof(source)) == 0) {
			connect_to(fd, target);
			watch(asker, fd);
			return fd;
		}
		if (errno != EADDRINUSE)
			die("bind");
	}
	die("no free port to ask from");
}

static void write_query(struct asker *asker, unsigned char *payload, int fd, int64_t now)
{
	struct stamp stamp = {asker->next, now};

	memcpy(payload, &stamp, sizeof(stamp));
	queries[asker->next % QUERIES] = (struct query){asker->next, now, fd, true};
	asker->next++;
	asker->outstanding++;
}

static void take_back(struct asker *asker, size_t count)
{
	for (size_t i = 0; i < count; i++)
		queries[--asker->next % QUERIES].pending = false;
	asker->outstanding -= count;
	asker->failed++;
}

/* Sends up to count queries in one call from the only client. */
static void ask_in_batch(struct asker *asker, size_t count)
{
	int64_t now = now_nanos();
	int accepted;

	for (size_t i = 0; i < count; i++) {
		write_query(asker, out[i], -1, now);
		out_pieces[i] = (struct iovec){out[i], asker->length};
		out_messages[i].msg_hdr = (struct msghdr){.msg_iov = &out_pieces[i], .msg_iovlen = 1};
	}
	accepted = sendmmsg(asker->clients[0], out_messages, count, 0);
	if (accepted < (int)count)
		take_back(asker, count - (accepted < 0 ? 0 : accepted));
}

static void ask_one(struct asker *asker)
{
	int fd = asker->new_ports ? open_new_port(asker) : asker->clients[asker->next_client++ % asker->client_count];

	write_query(asker, out[0], asker->new_ports ? fd : -1, now_nanos());
	if (send(fd, out[0], asker->length, 0) >= 0)
		return;
	take_back(asker, 1);
	if (asker->new_ports)
		close(fd);
}

static void fill_window(struct asker *asker, size_t allowed)
{
	size_t room = asker->window - asker->outstanding;

	if (room > allowed)
		room = allowed;
	if (asker->next - asker->oldest > QUERIES / 2)
		return;
	while (room) {
		size_t step = !asker->in_batches ? 1 : room > BATCH ? BATCH : room;

		if (asker->in_batches)
			ask_in_batch(asker, step);
		else
			ask_one(asker);
		room -= step;
	}
}

static void end_query(struct asker *asker, struct query *query)
{
	query->pending = false;
	asker->outstanding--;
	if (query->fd >= 0)
		close(query->fd);
}

static void take_answer(struct asker *asker, const unsigned char *payload, size_t length, int64_t now)
{
	struct stamp stamp;
	struct query *query;

	if (length != asker->length) {
		asker->strays++;
		return;
	}
	memcpy(&stamp, payload, sizeof(stamp));
	query = &queries[stamp.sequence % QUERIES];
	if (!query->pending || query->sequence != stamp.sequence) {
		asker->strays++; /* late, or twice */
		return;
	}
	if (asker->latency)
		samples_add(&asker->samples, now - query->sent);
	asker->answered++;
	end_query(asker, query);
}

static void receive(struct asker *asker, int fd)
{
	int64_t now;
	int count;

	for (int i = 0; i < BATCH; i++) {
		in_pieces[i] = (struct iovec){in[i], MAX_LENGTH};
		in_messages[i].msg_hdr = (struct msghdr){.msg_iov = &in_pieces[i], .msg_iovlen = 1};
	}
	count = recvmmsg(fd, in_messages, asker->in_batches ? BATCH : 1, MSG_DONTWAIT, NULL);
	now = now_nanos();
	for (int i = 0; i < count; i++)
		take_answer(asker, in[i], in_messages[i].msg_len, now);
}

static void give_up_on_the_lost(struct asker *asker, int64_t now)
{
	while (asker->oldest < asker->next) {
		struct query *query = &queries[asker->oldest % QUERIES];

		if (query->pending && now - query->sent < LOST_AFTER)
			return;
		if (query->pending) {
			asker->lost++;
			end_query(asker, query);
		}
		asker->oldest++;
	}
}

static void wait_for_answers(struct asker *asker, int64_t until)
{
	struct epoll_event events[256];
	int64_t left = until - now_nanos();
	struct timespec timeout = {0, left < 0 ? 0 : left > 10000000 ? 10000000 : left};
	int count = epoll_pwait2(asker->epoll, events, 256, &timeout, NULL);

	for (int i = 0; i < count; i++)
		receive(asker, events[i].data.fd);
}

static void ask_for(struct asker *asker, int64_t start, int64_t end, long rate)
{
	uint64_t allowed = 0; /* by the rate, since the start */

	for (;;) {
		int64_t now = now_nanos();

		if (now >= end)
			return;
		give_up_on_the_lost(asker, now);
		if (!rate) {
			fill_window(asker, asker->window);
			wait_for_answers(asker, end);
			continue;
		}
		/* What the window has no room for now is not made up for later. */
		for (; (int64_t)(allowed * NANOS_PER_SECOND / rate) <= now - start; allowed++)
			fill_window(asker, 1);
		wait_for_answers(asker, start + allowed * NANOS_PER_SECOND / rate);
	}
}

int main(int argc, char **argv)
{
	static struct asker asker;
	long seconds = option_number(argc, argv, "--seconds", 1);
	long rate = option_number(argc, argv, "--rate", 0);
	char from[64];
	int64_t start, elapsed;
	uint64_t answered_in_time;

	asker.targets = parse_endpoints(option(argc, argv, "--to", NULL));
	snprintf(from, sizeof(from), "%s:0", option(argc, argv, "--from", NULL));
	asker.from = parse_endpoints(from).at[0].sin_addr;
	asker.new_ports = has_option(argc, argv, "--new-ports");
	asker.latency = has_option(argc, argv, "--latency");
	asker.client_count = asker.new_ports ? 0 : option_number(argc, argv, "--clients", 1);
	asker.in_batches = asker.client_count == 1;
	asker.window = option_number(argc, argv, "--window", 256);
	asker.length = option_number(argc, argv, "--length", 64);
	errno = 0;
	if ((!asker.client_count && !asker.new_ports) || asker.client_count > MAX_CLIENTS)
		die("--clients is 1 to %d", MAX_CLIENTS);
	if (!asker.window || asker.window > MAX_CLIENTS)
		die("--window is 1 to %d", MAX_CLIENTS);
	if (asker.length < sizeof(struct stamp) || asker.length > MAX_LENGTH)
		die("--length is %zu to %d", sizeof(struct stamp), MAX_LENGTH);
	raise_fd_limit();
	asker.epoll = epoll_create1(EPOLL_CLOEXEC);
	open_clients(&asker);
	prctl(PR_SET_TIMERSLACK, 1000UL);

	start = now_nanos();
	ask_for(&asker, start, start + seconds * NANOS_PER_SECOND, rate);
	elapsed = now_nanos() - start;
	answered_in_time = asker.answered;
	while (asker.outstanding) { /* the last window; none of it counts for the rate */
		give_up_on_the_lost(&asker, now_nanos());
		wait_for_answers(&asker, now_nanos() + LOST_AFTER);
	}
	printf("{\"sent\":%lu,\"answered\":%lu,\"answered_in_all\":%lu,\"lost\":%lu,\"strays\":%lu,\"failed_calls\":%lu,",
	       asker.next, answered_in_time, asker.answered, asker.lost, asker.strays, asker.failed);
	samples_print_and_reset(&asker.samples);
	printf(",\"seconds\":%.6f,\"cpu_seconds\":%.6f}\n", elapsed / 1e9, cpu_seconds());
	return 0;
}
