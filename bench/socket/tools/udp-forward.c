// SPDX-License-Identifier: Apache-2.0
/*
 * The plain peer: recvmmsg 64, one realserver per datagram in rotation, sendmmsg 64. One-way; no health, no account.
 *
 *   udp-forward --listen ADDRESS:PORT --to ADDRESS:PORT[,PORT...] [--workers N]
 *
 * One thread and one SO_REUSEPORT socket per worker; the turn is shared, so the split is exact over all of them.
 * Prints {"ready":true} and ends with its standard input.
 */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 64
#define BUFFER 65536
#define MAX_WORKERS 64

static struct endpoints targets;
static _Atomic uint64_t turn;

struct worker {
	int listener, sender;
	unsigned char buffers[BATCH][BUFFER];
	struct iovec pieces[BATCH];
	struct mmsghdr messages[BATCH];
};

static int blocking(int fd)
{
	if (fcntl(fd, F_SETFL, 0))
		die("fcntl");
	return fd;
}

static struct worker *open_worker(const struct sockaddr_in *where)
{
	struct worker *worker = malloc(sizeof(*worker));
	int on = 1;

	if (!worker)
		die("malloc");
	worker->listener = blocking(udp_socket());
	worker->sender = blocking(udp_socket());
	if (setsockopt(worker->listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)))
		die("setsockopt SO_REUSEPORT");
	bind_to(worker->listener, where);
	return worker;
}

static void address_batch(struct worker *worker, int count)
{
	uint64_t first = atomic_fetch_add(&turn, count);

	for (int i = 0; i < count; i++) {
		worker->pieces[i].iov_len = worker->messages[i].msg_len;
		worker->messages[i].msg_hdr.msg_name = &targets.at[(first + i) % targets.count];
		worker->messages[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
	}
}

static void *forward(void *argument)
{
	struct worker *worker = argument;

	for (;;) {
		int count, sent = 0;

		for (int i = 0; i < BATCH; i++) {
			worker->pieces[i] = (struct iovec){worker->buffers[i], BUFFER};
			worker->messages[i].msg_hdr = (struct msghdr){.msg_iov = &worker->pieces[i], .msg_iovlen = 1};
		}
		count = recvmmsg(worker->listener, worker->messages, BATCH, MSG_WAITFORONE, NULL);
		if (count < 0) {
			if (errno == EINTR)
				continue;
			die("recvmmsg");
		}
		address_batch(worker, count);
		while (sent < count) {
			int accepted = sendmmsg(worker->sender, worker->messages + sent, count - sent, 0);

			sent += accepted > 0 ? accepted : 1; /* one that cannot be sent is lost */
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct endpoints where = parse_endpoints(option(argc, argv, "--listen", NULL));
	long workers = option_number(argc, argv, "--workers", 1);
	char line[256];

	targets = parse_endpoints(option(argc, argv, "--to", NULL));
	errno = 0;
	if (!workers || workers > MAX_WORKERS)
		die("--workers is 1 to %d", MAX_WORKERS);
	for (long i = 0; i < workers; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, forward, open_worker(&where.at[0])))
			die("pthread_create");
	}
	printf("{\"ready\":true}\n");
	fflush(stdout);
	while (read(STDIN_FILENO, line, sizeof(line)) > 0)
		;
	return 0;
}
