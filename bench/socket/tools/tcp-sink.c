// SPDX-License-Identifier: Apache-2.0
/*
 * The TCP realservers: accepts on up to 16 ports and reads; with --echo gives back what it read.
 *
 *   tcp-sink --listen ADDRESS:PORT[,PORT...] [--echo]
 *
 * Prints {"ready":true}; then, for every line on standard input, what came since the last such line; ends with the
 * input.
 */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 4096
#define BUFFER (256 << 10)
#define EVENTS 256

enum kind { LISTENER, CONNECTION, STANDARD_INPUT };

struct sink {
	struct endpoints where;
	int listeners[MAX_ENDPOINTS];
	uint64_t connections[MAX_ENDPOINTS];
	int epoll;
	bool echo;
	int64_t first, last;
	uint64_t bytes, resets;
	double cpu_before;
};

static char buffer[BUFFER];

/* An event's data names its kind and the descriptor, or the listener's place. */
static void watch(struct sink *sink, int fd, enum kind kind, uint32_t what)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)kind << 32 | what};

	if (epoll_ctl(sink->epoll, EPOLL_CTL_ADD, fd, &event))
		die("epoll_ctl");
}

static void open_listeners(struct sink *sink)
{
	int on = 1;

	for (size_t i = 0; i < sink->where.count; i++) {
		int fd = tcp_socket();

		if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
			die("setsockopt SO_REUSEADDR");
		bind_to(fd, &sink->where.at[i]);
		if (listen(fd, BACKLOG))
			die("listen");
		sink->listeners[i] = fd;
		watch(sink, fd, LISTENER, i);
	}
}

static void accept_all(struct sink *sink, uint32_t place)
{
	for (;;) {
		int fd = accept4(sink->listeners[place], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0)
			return;
		sink->connections[place]++;
		watch(sink, fd, CONNECTION, fd);
	}
}

static void serve(struct sink *sink, int fd)
{
	ssize_t length = read(fd, buffer, sizeof(buffer));

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0) {
		sink->resets += length < 0;
		close(fd);
		return;
	}
	sink->last = now_nanos();
	if (!sink->first)
		sink->first = sink->last;
	sink->bytes += length;
	/* Answers are a few bytes and always fit; a peer that takes none is cut off. */
	if (sink->echo && send(fd, buffer, length, MSG_NOSIGNAL) != length) {
		sink->resets++;
		close(fd);
	}
}

static void report(struct sink *sink)
{
	double cpu = cpu_seconds();

	printf("{\"ports\":[");
	for (size_t i = 0; i < sink->where.count; i++) {
		printf("%s%lu", i ? "," : "", sink->connections[i]);
		sink->connections[i] = 0;
	}
	printf("],\"bytes\":%lu,\"resets\":%lu,\"seconds\":%.6f,\"cpu_seconds\":%.6f}\n", sink->bytes, sink->resets,
	       (sink->last - sink->first) / 1e9, cpu - sink->cpu_before);
	fflush(stdout);
	sink->cpu_before = cpu;
	sink->bytes = sink->resets = 0;
	sink->first = sink->last = 0;
}

int main(int argc, char **argv)
{
	static struct sink sink;

	sink.where = parse_endpoints(option(argc, argv, "--listen", NULL));
	sink.echo = has_option(argc, argv, "--echo");
	sink.epoll = epoll_create1(EPOLL_CLOEXEC);
	raise_fd_limit();
	open_listeners(&sink);
	watch(&sink, STDIN_FILENO, STANDARD_INPUT, 0);
	printf("{\"ready\":true}\n");
	fflush(stdout);

	for (;;) {
		struct epoll_event events[EVENTS];
		int count = epoll_wait(sink.epoll, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			uint32_t what = (uint32_t)events[i].data.u64;
			char line[256];

			switch ((enum kind)(events[i].data.u64 >> 32)) {
			case LISTENER:
				accept_all(&sink, what);
				break;
			case CONNECTION:
				serve(&sink, (int)what);
				break;
			case STANDARD_INPUT:
				if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
					return 0;
				report(&sink);
				break;
			}
		}
	}
}
