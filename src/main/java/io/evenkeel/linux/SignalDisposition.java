package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/**
 * What a signal does when nobody handles it. nohup(1), and a shell that starts a job in the background, leave signals
 * ignored, and a JVM refuses to handle SIGHUP, SIGINT and SIGTERM while they are. Any thread; before handlers are set.
 */
public final class SignalDisposition {
    private static final long SIG_DFL = 0;

    private static final class Handles {
        static final MethodHandle SIGNAL =
                Libc.errnoHandle("signal", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG));
    }

    private SignalDisposition() {}

    /**
     * signal(2) with SIG_DFL.
     *
     * @param signal its number, e.g. 1 for SIGHUP
     */
    public static void makeDefault(int signal) {
        try {
            long before = (long) Handles.SIGNAL.invokeExact(Libc.errnoSegment(), signal, SIG_DFL);
            if (before == -1) throw new IllegalArgumentException("no signal " + signal);
        } catch (IllegalArgumentException wrong) {
            throw wrong;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
