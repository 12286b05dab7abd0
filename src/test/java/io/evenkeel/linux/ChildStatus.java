package io.evenkeel.linux;

import java.util.List;

/** A process of its own that starts one child, before anything else in the JVM has touched SIGCHLD. */
final class ChildStatus {
    private ChildStatus() {}

    public static void main(String[] arguments) {
        try (ChildProcess child = ChildProcess.start("/bin/sh", List.of("sh", "-c", "exit 7"), List.of())) {
            int ready = Sockets.poll(child.endedFd(), Sockets.POLLIN, 10_000);
            System.out.println(ready + " " + (child.reap().orElseThrow() >> 8));
        }
    }
}
