// SPDX-License-Identifier: Apache-2.0
/*
 * Pushes bytes over a fixed number of connections, as fast as they are taken.
 *
 *   tcp-push --to ADDRESS:PORT[,PORT...] --from ADDRESS --seconds S [--connections N]
 */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define MAX_CONNECTIONS 1024
#define CHUNK (256 << 10)
#define EVENTS 64

static char chunk[CHUNK];

static void open_connections(int epoll, size_t count, const struct endpoints *targets, const struct sockaddr_in *source)
{
	for (size_t i = 0; i < count; i++) {
		struct epoll_event event = {.events = EPOLLOUT, .data.fd = tcp_socket()};

		bind_to(event.data.fd, source);
		connect_to(event.data.fd, &targets->at[i % targets->count]);
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event))
			die("epoll_ctl");
	}
}

int main(int argc, char **argv)
{
	struct endpoints targets = parse_endpoints(option(argc, argv, "--to", NULL));
	long seconds = option_number(argc, argv, "--seconds", 1);
	long connections = option_number(argc, argv, "--connections", 3);
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int64_t start, end, elapsed;
	uint64_t bytes = 0;
	char from[64];

	snprintf(from, sizeof(from), "%s:0", option(argc, argv, "--from", NULL));
	errno = 0;
	if (!connections || connections > MAX_CONNECTIONS)
		die("--connections is 1 to %d", MAX_CONNECTIONS);
	open_connections(epoll, connections, &targets, &parse_endpoints(from).at[0]);

	start = now_nanos();
	end = start + seconds * NANOS_PER_SECOND;
	while (now_nanos() < end) {
		struct epoll_event events[EVENTS];
		int count = epoll_wait(epoll, events, EVENTS, 100);

		for (int i = 0; i < count; i++) {
			ssize_t taken = send(events[i].data.fd, chunk, CHUNK, MSG_NOSIGNAL);

			if (taken > 0)
				bytes += taken;
			else if (errno != EAGAIN && errno != EINTR)
				die("send");
		}
	}
	elapsed = now_nanos() - start;
	printf("{\"bytes\":%lu,\"seconds\":%.6f,\"cpu_seconds\":%.6f}\n", bytes, elapsed / 1e9, cpu_seconds());
	return 0;
}
