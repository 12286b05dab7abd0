/**
 * Job: the socket plane: ordinary sockets driven in batches, without privilege.
 * May use: dataplane, model, schedule, linux.
 * Owner thread: ek-plane-N, one per core, each sole writer of its flows and counters.
 * Entry type: {@link io.evenkeel.dataplane.socket.SocketPlane}.
 * Source: udp(7), tcp(7), recvmmsg(2), sendmmsg(2), UDP_SEGMENT and UDP_GRO.
 */
@NullMarked
package io.evenkeel.dataplane.socket;

import org.jspecify.annotations.NullMarked;
