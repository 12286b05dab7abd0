package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ForwardedService;
import io.evenkeel.linux.Libc;
import java.util.List;

/**
 * What the director's thread has opened and found out for one service of a table, handed to the workers by a commit.
 *
 * @param fresh the service was not in the table before: its fronts are to be started
 * @param mtus of the routes to its realservers, in their order
 * @param serversV6 family of its realservers
 * @param oneWayFds by worker, descriptors of one-way sockets of that family; empty if they are open already, or TCP
 */
record PreparedService(
        LiveService live,
        ForwardedService compiled,
        boolean fresh,
        List<Integer> mtus,
        boolean serversV6,
        List<Integer> oneWayFds) {

    /** Gives back what was opened. */
    void close() {
        if (fresh) live.closeFronts();
        for (int fd : oneWayFds) Libc.close(fd);
    }
}
