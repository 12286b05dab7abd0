package io.evenkeel.daemon;

import io.evenkeel.linux.SignalDisposition;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The signals of a director, as keepalived has them: HUP reads the configuration again, TERM and INT stop. Uses
 * sun.misc.Signal, by name because javac warns of it and lets nobody say that it is meant: the JVM blocks signals in its
 * threads, so signalfd(2) never sees one. Handlers run on a thread of the JVM and must only post.
 */
public final class Signals {
    private Signals() {}

    /** @throws IllegalStateException if this Java cannot handle signals */
    static void handle(Runnable reload, Runnable stop) {
        handle("HUP", 1, reload);
        handle("INT", 2, stop);
        handle("TERM", 15, stop);
    }

    /**
     * The signals of a program that is not a director: USR1 asks for a report, TERM and INT stop, and so does HUP, when the
     * terminal closes, unless nohup(1) said that it shall be ignored.
     *
     * @throws IllegalStateException if this Java cannot handle signals
     */
    public static void handleReport(Runnable report, Runnable stop) {
        handle("HUP", stop);
        handle("USR1", 10, report);
        handle("INT", 2, stop);
        handle("TERM", 15, stop);
    }

    private static void handle(String name, int number, Runnable action) {
        SignalDisposition.makeDefault(number); // under nohup the JVM would not handle it
        handle(name, action);
    }

    private static void handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            MethodHandle run = MethodHandles.lookup()
                    .findVirtual(Runnable.class, "run", MethodType.methodType(void.class))
                    .bindTo(action);
            Object onSignal =
                    MethodHandleProxies.asInterfaceInstance(handler, MethodHandles.dropArguments(run, 0, signal));
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), onSignal);
        } catch (ReflectiveOperationException unavailable) {
            throw new IllegalStateException("SIG" + name + " cannot be handled", unavailable);
        }
    }
}
