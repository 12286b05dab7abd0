package io.evenkeel.daemon;

import io.evenkeel.dataplane.DataPlane;
import io.evenkeel.dataplane.PlaneEvent;
import io.evenkeel.dataplane.PlaneLimits;
import io.evenkeel.dataplane.kernel.KernelPlane;
import io.evenkeel.dataplane.socket.SocketPlane;
import io.evenkeel.director.Director;
import io.evenkeel.health.Probes;
import io.evenkeel.model.Refused;
import java.nio.file.Path;
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

    private static final String KERNEL_PLANE_YOUNG =
            "the kernel plane cannot do all of a configuration yet; --plane kernel asks for it";

    /** What {@link #build} came to. */
    sealed interface Building {
        record Built(Parts parts) implements Building {}

        record Denied(Refused refused) implements Building {}
    }

    /**
     * @param directory where a plane may leave what helps to find a fault
     * @param bug hears of what no thread may end with: where it was, and what; on any thread
     */
    static Building build(Daemon.Settings settings, Path directory, BiConsumer<String, Throwable> bug) {
        // A plane's workers run before the director exists; what they have to say waits for it.
        CompletableFuture<Director> listener = new CompletableFuture<>();
        Consumer<PlaneEvent> events = event -> listener.thenAccept(director -> director.accept(event));
        return switch (settings.plane()) {
            case KERNEL ->
                switch (KernelPlane.open(directory, settings.instance(), events)) {
                    case KernelPlane.Opening.Denied(Refused refused) -> new Building.Denied(refused);
                    case KernelPlane.Opening.Open(KernelPlane plane) ->
                        new Building.Built(build(settings, plane, listener, bug));
                };
            case SOCKET, AUTO -> new Building.Built(build(settings, new SocketPlane(workers(), events), listener, bug));
        };
    }

    private static Parts build(
            Daemon.Settings settings,
            DataPlane plane,
            CompletableFuture<Director> listener,
            BiConsumer<String, Throwable> bug) {
        Probes probes = new Probes();
        boolean chosen = settings.plane() != PlaneChoice.AUTO;
        String reason = chosen ? "asked for by --plane" : KERNEL_PLANE_YOUNG;
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

    /** What the plane that {@code choice} comes to can do here, without opening it. */
    static PlaneLimits limits(PlaneChoice choice) {
        return choice == PlaneChoice.KERNEL ? KernelPlane.limitsHere(workers()) : SocketPlane.limitsHere(workers());
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
