package io.evenkeel.daemon;

import io.evenkeel.dataplane.DataPlane;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.socket.SocketPlane;
import io.evenkeel.director.Director;
import io.evenkeel.health.Probes;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * What a director is built of, in the order of building; the only file that knows the parts' constructors. Built and
 * closed by main.
 */
record Parts(
        DataPlane plane, Probes probes, Director director, LoopThread loop, boolean planeChosen, String planeReason)
        implements AutoCloseable {

    static final String NO_KERNEL_PLANE = "the kernel plane is not built yet";

    /** @param bug hears of what no thread may end with: where it was, and what; on any thread */
    static Parts build(Daemon.Settings settings, BiConsumer<String, Throwable> bug) {
        // A plane's workers run before the director exists; what they have to say waits for it.
        CompletableFuture<Director> listener = new CompletableFuture<>();
        Consumer<PlaneEvent> events = event -> listener.thenAccept(director -> director.accept(event));
        SocketPlane plane = new SocketPlane(workers(), events);
        Probes probes = new Probes();
        boolean chosen = settings.plane() == PlaneChoice.SOCKET;
        String reason = chosen ? "asked for by --plane" : NO_KERNEL_PLANE;
        Director.About about = new Director.About(
                ProgramVersion.text(),
                ProcessHandle.current().pid(),
                Instant.now(),
                plane.limits().plane(),
                reason,
                settings.file().toAbsolutePath().normalize().toString());
        Director director = new Director(about, plane, chosen, probes::start);
        listener.complete(director);
        LoopThread loop = LoopThread.start(
                "ek-director", director::run, director::close, thrown -> bug.accept("ek-director", thrown));
        return new Parts(plane, probes, director, loop, chosen, reason);
    }

    /** One worker a core. */
    static int workers() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** In reverse: nobody is left who would use what closes next. */
    @Override
    public void close() {
        loop.close();
        probes.close();
        plane.close();
    }
}
