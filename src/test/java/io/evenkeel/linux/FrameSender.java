package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Sends whole Ethernet frames (packet(7)) out of an interface of the calling thread's network namespace. */
public final class FrameSender implements AutoCloseable {
    private static final int AF_PACKET = 17;
    private static final int SOCKADDR_LL_BYTES = 20;

    private static final MethodHandle SENDTO = Libc.errnoHandle(
            "sendto", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));

    private final int fd = Libc.require(Sockets.socket(AF_PACKET, Sockets.SOCK_RAW, 0), "socket", "AF_PACKET");
    private final int index;

    public FrameSender(String device) {
        index = InterfaceIndex.of(device);
    }

    public void send(byte[] frame) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(SOCKADDR_LL_BYTES, 8);
            name.set(JAVA_SHORT, 0, (short) AF_PACKET);
            name.set(JAVA_INT, 4, index);
            MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, frame);
            long sent = Libc.result((long)
                    SENDTO.invokeExact(Libc.errnoSegment(), fd, bytes, bytes.byteSize(), 0, name, SOCKADDR_LL_BYTES));
            Libc.require((int) sent, "sendto", "a frame");
        } catch (SyscallException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
