// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "common.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_SAMPLES (4u << 20)

#ifndef SO_MEMINFO
#define SO_MEMINFO 55
#endif

void die(const char *format, ...)
{
	int error = errno;
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	if (error)
		fprintf(stderr, ": %s", strerror(error));
	fputc('\n', stderr);
	exit(1);
}

int64_t now_nanos(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NANOS_PER_SECOND + now.tv_nsec;
}

double cpu_seconds(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

void sleep_until(int64_t nanos)
{
	struct timespec when = {nanos / NANOS_PER_SECOND, nanos % NANOS_PER_SECOND};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
		;
}

void raise_fd_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		die("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("setrlimit");
}

bool has_option(int argc, char **argv, const char *name)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return false;
}

const char *option(int argc, char **argv, const char *name, const char *otherwise)
{
	errno = 0;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], name))
			continue;
		if (i + 1 == argc)
			die("%s: %s needs a value", argv[0], name);
		return argv[i + 1];
	}
	if (!otherwise)
		die("%s: %s is required", argv[0], name);
	return otherwise;
}

long option_number(int argc, char **argv, const char *name, long otherwise)
{
	const char *text = option(argc, argv, name, "");
	char *end;
	long number;

	if (!*text)
		return otherwise;
	number = strtol(text, &end, 10);
	if (*end || number < 0)
		die("%s: %s: '%s' is not a number", argv[0], name, text);
	return number;
}

struct endpoints parse_endpoints(const char *text)
{
	struct endpoints endpoints = {0};
	struct in_addr address;
	char host[INET_ADDRSTRLEN];
	const char *colon = strchr(text, ':');

	errno = 0;
	if (!colon || (size_t)(colon - text) >= sizeof(host))
		die("'%s' is not address:port[,port...]", text);
	memcpy(host, text, colon - text);
	host[colon - text] = 0;
	if (inet_pton(AF_INET, host, &address) != 1)
		die("'%s' is not an IPv4 address", host);
	if ((ntohl(address.s_addr) >> 24) != 127)
		die("'%s' is not a loopback address; bench traffic stays on this machine", host);

	for (const char *port = colon; port; port = strchr(port + 1, ',')) {
		if (endpoints.count == MAX_ENDPOINTS)
			die("more than %d ports in '%s'", MAX_ENDPOINTS, text);
		endpoints.at[endpoints.count++] = (struct sockaddr_in){
			.sin_family = AF_INET, .sin_addr = address, .sin_port = htons(atoi(port + 1))};
	}
	return endpoints;
}

/* Beyond net.core.rmem_max where we may, else as far as that goes. */
static void enlarge(int fd, int forced, int plain)
{
	int size = SOCKET_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, forced, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, plain, &size, sizeof(size));
}

int udp_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	enlarge(fd, SO_RCVBUFFORCE, SO_RCVBUF);
	enlarge(fd, SO_SNDBUFFORCE, SO_SNDBUF);
	return fd;
}

int tcp_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	return fd;
}

static const char *shown(const struct sockaddr_in *where)
{
	static char text[INET_ADDRSTRLEN + 8];

	snprintf(text, sizeof(text), "%s:%d", inet_ntoa(where->sin_addr), ntohs(where->sin_port));
	return text;
}

void bind_to(int fd, const struct sockaddr_in *where)
{
	if (bind(fd, (const struct sockaddr *)where, sizeof(*where)))
		die("bind %s", shown(where));
}

void connect_to(int fd, const struct sockaddr_in *where)
{
	if (connect(fd, (const struct sockaddr *)where, sizeof(*where)) && errno != EINPROGRESS)
		die("connect %s", shown(where));
}

uint32_t socket_drops(int fd)
{
	uint32_t memory[SK_MEMINFO_VARS] = {0};
	socklen_t size = sizeof(memory);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, memory, &size))
		die("getsockopt SO_MEMINFO");
	return memory[SK_MEMINFO_DROPS];
}

void samples_add(struct samples *samples, int64_t nanos)
{
	if (!samples->nanos) {
		samples->nanos = malloc(MAX_SAMPLES * sizeof(uint32_t));
		if (!samples->nanos)
			die("malloc");
	}
	if (samples->count == MAX_SAMPLES) {
		samples->left_out++;
		return;
	}
	samples->nanos[samples->count++] = nanos < 0 ? 0 : nanos > UINT32_MAX ? UINT32_MAX : nanos;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double percentile_micros(const struct samples *samples, int percent)
{
	if (!samples->count)
		return 0;
	return samples->nanos[(samples->count - 1) * percent / 100] / 1e3;
}

void samples_print_and_reset(struct samples *samples)
{
	if (samples->count)
		qsort(samples->nanos, samples->count, sizeof(uint32_t), ascending);
	printf("\"samples\":%zu,\"samples_left_out\":%zu,\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f",
	       samples->count, samples->left_out, percentile_micros(samples, 50), percentile_micros(samples, 99),
	       percentile_micros(samples, 100));
	samples->count = 0;
	samples->left_out = 0;
}
