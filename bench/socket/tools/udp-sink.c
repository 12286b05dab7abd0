// SPDX-License-Identifier: Apache-2.0
/*
 * The realservers: receives on up to 16 ports, counts per port, and may answer or measure.
 *
 *   udp-sink --listen ADDRESS:PORT[,PORT...] [--gro] [--echo] [--latency]
 *
 * Prints {"ready":true}; then, for every line on standard input, what came since the last such line; ends with the
 * input.
 * "seconds" is from the first to the last arrival, so a pause before or after the traffic does not count.
 */
#define _GNU_SOURCE
#include "common.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 64
#define BUFFER 65536
#define STANDARD_INPUT MAX_ENDPOINTS /* its mark among the epoll data */

struct port {
	int fd;
	uint64_t datagrams, echoed, echo_failed;
	uint32_t drops_before;
};

struct sink {
	struct port ports[MAX_ENDPOINTS];
	size_t port_count;
	bool gro, echo, latency;
	int64_t first, last;
	uint64_t bytes, truncated_controls;
	double cpu_before;
	struct samples samples;
};

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static unsigned char buffers[BATCH][BUFFER];
static struct iovec pieces[BATCH];
static struct sockaddr_in peers[BATCH];
static union control controls[BATCH];
static struct mmsghdr messages[BATCH];

static void open_ports(struct sink *sink, const struct endpoints *where, int epoll)
{
	int on = 1;

	for (size_t i = 0; i < where->count; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
		int fd = udp_socket();

		bind_to(fd, &where->at[i]);
		if (sink->gro && setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof(on)))
			die("setsockopt UDP_GRO");
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
			die("epoll_ctl");
		sink->ports[i].fd = fd;
	}
	sink->port_count = where->count;
}

/* The kernel shortens name and control lengths on each call, so they are set again before each. */
static void prepare_batch(const struct sink *sink)
{
	for (size_t i = 0; i < BATCH; i++) {
		pieces[i] = (struct iovec){buffers[i], BUFFER};
		messages[i].msg_hdr = (struct msghdr){
			.msg_iov = &pieces[i], .msg_iovlen = 1, .msg_name = &peers[i], .msg_namelen = sizeof(peers[i])};
		if (sink->gro) {
			messages[i].msg_hdr.msg_control = &controls[i];
			messages[i].msg_hdr.msg_controllen = sizeof(controls[i]);
		}
	}
}

/* How many datagrams the message holds: the kernel says the size of a segment when it joined several. */
static uint64_t datagrams_in(struct sink *sink, struct mmsghdr *message)
{
	int segment = 0;

	if (message->msg_hdr.msg_flags & MSG_CTRUNC)
		sink->truncated_controls++;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message->msg_hdr); c; c = CMSG_NXTHDR(&message->msg_hdr, c))
		if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO)
			memcpy(&segment, CMSG_DATA(c), sizeof(segment));
	if (segment <= 0 || message->msg_len == 0)
		return 1;
	return (message->msg_len + segment - 1) / segment;
}

static void answer(struct port *port, int count)
{
	int sent = 0;

	for (int i = 0; i < count; i++) {
		pieces[i].iov_len = messages[i].msg_len;
		messages[i].msg_hdr.msg_control = NULL;
		messages[i].msg_hdr.msg_controllen = 0;
	}
	while (sent < count) {
		int accepted = sendmmsg(port->fd, messages + sent, count - sent, 0);

		if (accepted > 0) {
			sent += accepted;
			port->echoed += accepted;
			continue;
		}
		port->echo_failed++;
		sent++;
	}
}

static void receive(struct sink *sink, struct port *port)
{
	int64_t now;
	int count;

	prepare_batch(sink);
	count = recvmmsg(port->fd, messages, BATCH, MSG_DONTWAIT, NULL);
	if (count < 0) {
		if (errno != EAGAIN && errno != ECONNREFUSED && errno != EINTR)
			die("recvmmsg");
		return;
	}
	now = now_nanos();
	if (!sink->first)
		sink->first = now;
	sink->last = now;
	for (int i = 0; i < count; i++) {
		struct stamp stamp;

		port->datagrams += datagrams_in(sink, &messages[i]);
		sink->bytes += messages[i].msg_len;
		if (sink->latency && messages[i].msg_len >= sizeof(stamp)) {
			memcpy(&stamp, buffers[i], sizeof(stamp));
			samples_add(&sink->samples, now - stamp.sent_nanos);
		}
	}
	if (sink->echo)
		answer(port, count);
}

static void report(struct sink *sink)
{
	uint64_t datagrams = 0, echo_failed = 0, drops = 0;
	double cpu = cpu_seconds();

	printf("{\"ports\":[");
	for (size_t i = 0; i < sink->port_count; i++) {
		struct port *port = &sink->ports[i];
		uint32_t dropped = socket_drops(port->fd);

		printf("%s%lu", i ? "," : "", port->datagrams);
		datagrams += port->datagrams;
		echo_failed += port->echo_failed;
		drops += dropped - port->drops_before;
		port->drops_before = dropped;
		port->datagrams = port->echoed = port->echo_failed = 0;
	}
	printf("],\"datagrams\":%lu,\"bytes\":%lu,\"dropped\":%lu,\"echo_failed\":%lu,\"truncated_controls\":%lu,",
	       datagrams, sink->bytes, drops, echo_failed, sink->truncated_controls);
	samples_print_and_reset(&sink->samples);
	printf(",\"seconds\":%.6f,\"cpu_seconds\":%.6f}\n", (sink->last - sink->first) / 1e9, cpu - sink->cpu_before);
	fflush(stdout);
	sink->cpu_before = cpu;
	sink->first = sink->last = 0;
	sink->bytes = sink->truncated_controls = 0;
}

int main(int argc, char **argv)
{
	static struct sink sink;
	struct endpoints where = parse_endpoints(option(argc, argv, "--listen", NULL));
	struct epoll_event input = {.events = EPOLLIN, .data.u32 = STANDARD_INPUT};
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	sink.gro = has_option(argc, argv, "--gro");
	sink.echo = has_option(argc, argv, "--echo");
	sink.latency = has_option(argc, argv, "--latency");
	errno = 0;
	if (sink.gro && (sink.echo || sink.latency))
		die("--gro counts only; it goes with neither --echo nor --latency");
	open_ports(&sink, &where, epoll);
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input))
		die("epoll_ctl on standard input (a pipe is expected)");
	printf("{\"ready\":true}\n");
	fflush(stdout);

	for (;;) {
		struct epoll_event events[MAX_ENDPOINTS + 1];
		int count = epoll_wait(epoll, events, MAX_ENDPOINTS + 1, -1);

		for (int i = 0; i < count; i++) {
			char line[256];

			if (events[i].data.u32 != STANDARD_INPUT) {
				receive(&sink, &sink.ports[events[i].data.u32]);
				continue;
			}
			if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
				return 0;
			report(&sink);
		}
	}
}
