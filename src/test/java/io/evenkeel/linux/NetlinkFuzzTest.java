package io.evenkeel.linux;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/** No bytes that claim to be from the kernel make the decoder leave them, loop or throw. */
class NetlinkFuzzTest {

    @FuzzTest
    void anyBytesAreReadOrRefused(FuzzedDataProvider data) {
        byte[] bytes = data.consumeRemainingAsBytes();
        try (Arena arena = Arena.ofConfined()) {
            // Exactly as long as the bytes: one step beyond them throws.
            MemorySegment memory = arena.allocate(Math.max(1, bytes.length), 1);
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
            NetlinkMessages messages = new NetlinkMessages(memory, bytes.length);
            int steps = 0;
            while (messages.next()) {
                Objects.requireNonNull(NetworkMessages.read(messages));
                NetlinkExchange.error(messages);
                Route route = RouteMessage.read(messages);
                if (route != null && route.mtu() < 0) throw new AssertionError("a negative MTU was accepted");
                if (++steps > bytes.length / 16 + 1) throw new AssertionError("more messages than bytes");
            }
        }
    }
}
