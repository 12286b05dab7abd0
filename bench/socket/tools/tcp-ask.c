// SPDX-License-Identifier: Apache-2.0
/*
 * Short connections, closed loop: connect, send a request, read its answer, close; a window of them at any time.
 *
 *   tcp-ask --to ADDRESS:PORT[,PORT...] --from ADDRESS --seconds S [--window W]
 *
 * The request is 64 bytes and the answer too, so a connection counts only when it reached a realserver and back.
 * Clients close first, as most do; source addresses rotate so that ports in TIME_WAIT do not run out.
 */
#define _GNU_SOURCE
#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_WINDOW 4096
#define REQUEST 64
#define SOURCES 64
#define EVENTS 256

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

struct asker {
	struct endpoints targets;
	in_addr_t from;
	int epoll;
	uint64_t opened, completed, failed;
};

static char request[REQUEST];

/* Waits for writability first: that is the moment the connection stands. */
static void open_connection(struct asker *asker)
{
	struct epoll_event event = {.events = EPOLLOUT, .data.fd = tcp_socket()};
	struct sockaddr_in source = {.sin_family = AF_INET};
	int on = 1;

	source.sin_addr.s_addr = htonl(ntohl(asker->from) + asker->opened % SOURCES);
	if (setsockopt(event.data.fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)))
		die("setsockopt IP_BIND_ADDRESS_NO_PORT");
	bind_to(event.data.fd, &source);
	connect_to(event.data.fd, &asker->targets.at[asker->opened++ % asker->targets.count]);
	if (epoll_ctl(asker->epoll, EPOLL_CTL_ADD, event.data.fd, &event))
		die("epoll_ctl");
}

static void close_and_open_next(struct asker *asker, int fd)
{
	close(fd);
	open_connection(asker);
}

static void ask(struct asker *asker, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (send(fd, request, REQUEST, MSG_NOSIGNAL) != REQUEST || epoll_ctl(asker->epoll, EPOLL_CTL_MOD, fd, &event)) {
		asker->failed++;
		close_and_open_next(asker, fd);
	}
}

/* The answer comes whole: it is far smaller than a segment. */
static void take_answer(struct asker *asker, int fd)
{
	char answer[REQUEST + 1];

	if (recv(fd, answer, sizeof(answer), 0) == REQUEST)
		asker->completed++;
	else
		asker->failed++;
	close_and_open_next(asker, fd);
}

int main(int argc, char **argv)
{
	static struct asker asker;
	long seconds = option_number(argc, argv, "--seconds", 1);
	long window = option_number(argc, argv, "--window", 64);
	int64_t start, end, elapsed;
	char from[64];

	asker.targets = parse_endpoints(option(argc, argv, "--to", NULL));
	snprintf(from, sizeof(from), "%s:0", option(argc, argv, "--from", NULL));
	asker.from = parse_endpoints(from).at[0].sin_addr.s_addr;
	asker.epoll = epoll_create1(EPOLL_CLOEXEC);
	errno = 0;
	if (!window || window > MAX_WINDOW)
		die("--window is 1 to %d", MAX_WINDOW);
	raise_fd_limit();

	start = now_nanos();
	end = start + seconds * NANOS_PER_SECOND;
	for (long i = 0; i < window; i++)
		open_connection(&asker);
	while (now_nanos() < end) {
		struct epoll_event events[EVENTS];
		int count = epoll_wait(asker.epoll, events, EVENTS, 100);

		for (int i = 0; i < count; i++) {
			if (events[i].events & EPOLLOUT)
				ask(&asker, events[i].data.fd);
			else
				take_answer(&asker, events[i].data.fd);
		}
	}
	elapsed = now_nanos() - start;
	printf("{\"completed\":%lu,\"failed\":%lu,\"seconds\":%.6f,\"cpu_seconds\":%.6f}\n", asker.completed,
	       asker.failed, elapsed / 1e9, cpu_seconds());
	return 0;
}
