package io.evenkeel.linux;

import java.util.function.Consumer;

/**
 * What the kernel tells unasked about interfaces, addresses, neighbours, routes, rules and next hops of one network
 * namespace: that of the thread that opened this. Owned by one thread at a time; never blocks.
 *
 * <p>To follow a table: open this, read the table, then {@link #drain}. What was told before the table was read is told
 * again, oldest first; so publish nothing in the middle of a drain.
 */
public final class NetworkEvents implements AutoCloseable {
    /** Blocks of one {@link #drain}, so that a flood of events cannot hold its caller. */
    private static final int MAX_BLOCKS = 256;

    private static final int[] GROUPS = {
        Rtnetlink.RTNLGRP_LINK,
        Rtnetlink.RTNLGRP_NEIGH,
        Rtnetlink.RTNLGRP_IPV4_IFADDR,
        Rtnetlink.RTNLGRP_IPV4_ROUTE,
        Rtnetlink.RTNLGRP_IPV4_RULE,
        Rtnetlink.RTNLGRP_IPV6_IFADDR,
        Rtnetlink.RTNLGRP_IPV6_ROUTE,
        Rtnetlink.RTNLGRP_IPV6_RULE,
        Rtnetlink.RTNLGRP_NEXTHOP
    };

    private final NetlinkSocket socket;

    /**
     * @param receiveBytes of the kernel's queue: what does not fit is missed, and {@link #drain} says so
     * @throws SyscallException if the kernel refuses
     */
    public NetworkEvents(int receiveBytes) {
        socket = new NetlinkSocket(receiveBytes);
        try {
            for (int group : GROUPS) socket.join(group);
        } catch (SyscallException refused) {
            socket.close();
            throw refused;
        }
    }

    /** To be watched for reading. */
    public int fd() {
        return socket.fd();
    }

    /**
     * Hands on what the kernel has told since the last time; what is more than 256 blocks stays for the next.
     *
     * @return true if events were missed: the tables have to be read again
     * @throws SyscallException if the socket is broken
     */
    public boolean drain(Consumer<NetworkChange> to) {
        boolean missed = false;
        for (int i = 0; i < MAX_BLOCKS; i++) {
            int bytes = socket.receive();
            if (bytes == -Errno.EAGAIN) return missed;
            if (bytes == -Errno.ENOBUFS || bytes == -Errno.EMSGSIZE) {
                missed = true;
                continue;
            }
            Libc.require(bytes, "recvfrom", "AF_NETLINK");
            NetlinkMessages messages = new NetlinkMessages(socket.block(), bytes);
            while (messages.next()) to.accept(NetworkMessages.read(messages));
            if (messages.broken()) to.accept(new NetworkChange.Unreadable(0));
        }
        return missed;
    }

    @Override
    public void close() {
        socket.close();
    }
}
