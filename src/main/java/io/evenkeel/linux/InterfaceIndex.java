package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;

/** Numbers of interfaces in the calling thread's network namespace (if_nametoindex(3)). Any thread. */
public final class InterfaceIndex {
    private static final class Handles {
        static final MethodHandle FIND = Libc.errnoHandle("if_nametoindex", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    }

    private InterfaceIndex() {}

    /** @throws SyscallException ENODEV if there is no interface of that name */
    public static int of(String device) {
        try (Arena arena = Arena.ofConfined()) {
            int index = (int) Handles.FIND.invokeExact(Libc.errnoSegment(), arena.allocateFrom(device));
            if (index == 0) throw new SyscallException("find interface", -Libc.result(-1), device);
            return index;
        } catch (SyscallException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
