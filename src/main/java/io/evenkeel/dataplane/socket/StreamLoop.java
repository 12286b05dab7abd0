package io.evenkeel.dataplane.socket;

/** The event loop a {@link StreamRelay} lives in: one thread, one epoll. Called by that thread only. */
interface StreamLoop {

    /**
     * Has {@code watcher} called when something happens on {@code fd}.
     *
     * @param interest bits of {@link io.evenkeel.linux.Epoll}
     * @return ≥ 0, to be given to {@link #rewatch} and {@link #unwatch}
     * @throws io.evenkeel.linux.SyscallException if the kernel refuses (its bounds on memory or on watches)
     */
    long watch(int fd, int interest, Watcher watcher);

    /** Changes what a watch is for. An edge-triggered one reports once more what is ready at this moment. */
    void rewatch(int fd, int interest, long watch);

    /** Ends a watch, before {@code fd} is closed: nothing is delivered for it any more. */
    void unwatch(int fd, long watch);

    /** The clock as last read, at the latest when the events in hand were fetched. */
    long nowNanos();
}
