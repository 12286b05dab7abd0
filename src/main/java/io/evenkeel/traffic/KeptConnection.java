package io.evenkeel.traffic;

import java.io.Serializable;

/**
 * How a long-lived TCP connection fared.
 *
 * @param server which server took it, by its address and port
 * @param active it sends now and then; else it only listens
 * @param endedNanos System.nanoTime when its end was noticed; 0 while it lives
 * @param ending {@code closed} after FIN, else what the kernel said, e.g. {@code Connection reset}; empty while it lives
 * @param echoes words that came back
 */
public record KeptConnection(String server, boolean active, long endedNanos, String ending, long echoes)
        implements Serializable {

    public boolean alive() {
        return endedNanos == 0;
    }
}
