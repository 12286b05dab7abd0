package io.evenkeel.dataplane.socket;

/** What a {@link Reactor} calls when a descriptor is ready. Runs on that reactor's thread only, and never blocks. */
interface Watcher {

    /** @param events bits of {@link io.evenkeel.linux.Epoll} */
    void ready(int events);
}
