package io.evenkeel.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** mmap(2) of a descriptor's memory, shared with whoever else has it. Any thread. */
final class MappedMemory {
    private static final int PROT_READ = 1;
    private static final int PROT_WRITE = 2;
    private static final int MAP_SHARED = 1;

    private static final class Handles {
        static final MethodHandle MAP = Libc.errnoHandle(
                "mmap",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG));
        static final MethodHandle UNMAP = Libc.errnoHandle(
                "munmap", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
    }

    private MappedMemory() {}

    /**
     * The first {@code bytes} of {@code fd}, readable and writable until {@code arena} is closed.
     *
     * @throws SyscallException EPERM if it may not be mapped or not written, ENOMEM
     */
    @SuppressWarnings("restricted") // the address is the kernel's answer, and so is the length
    static MemorySegment of(int fd, long bytes, Arena arena, String subject) {
        try {
            long address = (long)
                    Handles.MAP.invokeExact(Libc.errnoSegment(), 0L, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0L);
            if (address == -1) throw new SyscallException("mmap", -Libc.result(-1), subject);
            return MemorySegment.ofAddress(address).reinterpret(bytes, arena, MappedMemory::unmap);
        } catch (SyscallException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private static void unmap(MemorySegment memory) {
        try {
            int result = (int) Handles.UNMAP.invokeExact(Libc.errnoSegment(), memory.address(), memory.byteSize());
            assert result == 0 : "munmap of what was mapped";
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
