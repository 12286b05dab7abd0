/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the bench tools share: command lines, endpoints, sockets, clocks, samples.
 *
 * Every tool is one thread (the forwarder: one per worker), prints one JSON object a line on stdout, complaints on
 * stderr, and is bounded: senders by --seconds, servers by the end of their standard input.
 */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_ENDPOINTS 16
#define MAX_DATAGRAM 65507
#define SOCKET_BUFFER (4 << 20)
#define NANOS_PER_SECOND 1000000000LL

/* linux/udp.h; older C libraries do not name them. */
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

/* The head of every payload. Host byte order: both ends are on this machine. */
struct stamp {
	uint64_t sequence;
	int64_t sent_nanos; /* CLOCK_MONOTONIC */
};

struct endpoints {
	size_t count;
	struct sockaddr_in at[MAX_ENDPOINTS];
};

/* Prints the message, errno's text if it is not 0, and exits 1. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

int64_t now_nanos(void);
/* User and system time of this process so far, in seconds. */
double cpu_seconds(void);
/* Sleeps until the moment, on CLOCK_MONOTONIC, as exactly as the kernel lets us. */
void sleep_until(int64_t nanos);
void raise_fd_limit(void);

/*
 * The value of --name in argv, or the default when it is absent; dies on a missing value. Without a default the option
 * is required. has_option() is for options without a value.
 */
const char *option(int argc, char **argv, const char *name, const char *otherwise);
long option_number(int argc, char **argv, const char *name, long otherwise);
bool has_option(int argc, char **argv, const char *name);

/* Reads "address:port[,port...]". */
struct endpoints parse_endpoints(const char *text);

int udp_socket(void);
/* A TCP socket that does not block. */
int tcp_socket(void);
void bind_to(int fd, const struct sockaddr_in *where);
void connect_to(int fd, const struct sockaddr_in *where);
/* Datagrams the kernel has dropped at this socket since it was opened. */
uint32_t socket_drops(int fd);

/* Latencies, kept whole so that percentiles are exact. What does not fit is counted, not kept. */
struct samples {
	uint32_t *nanos;
	size_t count;
	size_t left_out;
};

void samples_add(struct samples *samples, int64_t nanos);
/* Prints "count", "p50_us", "p99_us", "max_us" as JSON members and empties the collection. */
void samples_print_and_reset(struct samples *samples);

#endif
