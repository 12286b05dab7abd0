package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.INT_BE;
import static io.evenkeel.linux.Layouts.LONG_BE;
import static io.evenkeel.linux.Layouts.SHORT_BE;
import static io.evenkeel.linux.Layouts.offset;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * sockaddr_in and sockaddr_in6 in native memory, read and written in place (ip(7), ipv6(7)). Addresses are the 128 bits
 * of the model: {@code high} and {@code low}, IPv4 in the low 32 bits of {@code low}. Any thread; allocates nothing.
 */
public final class SocketAddress {
    private SocketAddress() {}

    public static final int AF_INET = 2;
    public static final int AF_INET6 = 10;

    /** Room for either family: what {@code msg_namelen} is set to before a receive. */
    public static final int BYTES = (int) Layouts.SOCKADDR_IN6.byteSize();

    static final int V4_BYTES = (int) Layouts.SOCKADDR_IN.byteSize();
    private static final long FAMILY = offset(Layouts.SOCKADDR_IN, "sin_family");
    private static final long PORT = offset(Layouts.SOCKADDR_IN, "sin_port");
    private static final long V4_ADDRESS = offset(Layouts.SOCKADDR_IN, "sin_addr");
    private static final long V6_FLOW = offset(Layouts.SOCKADDR_IN6, "sin6_flowinfo");
    private static final long V6_ADDRESS = offset(Layouts.SOCKADDR_IN6, "sin6_addr");
    private static final long V6_SCOPE = offset(Layouts.SOCKADDR_IN6, "sin6_scope_id");

    /**
     * Writes an address at {@code at} and answers its length for {@code msg_namelen}.
     *
     * @param scope interface of a link-local IPv6 address, else 0
     */
    public static int put(MemorySegment memory, long at, boolean v6, long high, long low, int port, int scope) {
        memory.set(SHORT_BE, at + PORT, (short) port);
        if (!v6) {
            memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + FAMILY, (short) AF_INET);
            memory.set(INT_BE, at + V4_ADDRESS, (int) low);
            memory.set(ValueLayout.JAVA_LONG_UNALIGNED, at + V4_ADDRESS + 4, 0); // sin_zero
            return V4_BYTES;
        }
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, at + FAMILY, (short) AF_INET6);
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + V6_FLOW, 0);
        memory.set(LONG_BE, at + V6_ADDRESS, high);
        memory.set(LONG_BE, at + V6_ADDRESS + 8, low);
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, at + V6_SCOPE, scope);
        return BYTES;
    }

    /** {@link #AF_INET}, {@link #AF_INET6}, or what else the kernel wrote. */
    public static int family(MemorySegment memory, long at) {
        return memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + FAMILY);
    }

    public static boolean v6(MemorySegment memory, long at) {
        return family(memory, at) == AF_INET6;
    }

    /** 0..65535. */
    public static int port(MemorySegment memory, long at) {
        return Short.toUnsignedInt(memory.get(SHORT_BE, at + PORT));
    }

    public static long high(MemorySegment memory, long at) {
        return v6(memory, at) ? memory.get(LONG_BE, at + V6_ADDRESS) : 0;
    }

    public static long low(MemorySegment memory, long at) {
        return v6(memory, at)
                ? memory.get(LONG_BE, at + V6_ADDRESS + 8)
                : Integer.toUnsignedLong(memory.get(INT_BE, at + V4_ADDRESS));
    }

    /** Interface of a link-local IPv6 address, else 0. */
    public static int scope(MemorySegment memory, long at) {
        return v6(memory, at) ? memory.get(ValueLayout.JAVA_INT_UNALIGNED, at + V6_SCOPE) : 0;
    }
}
