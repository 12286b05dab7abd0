package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class SocketAddressTest {

    @Test
    void ipv4IsWrittenAsTheKernelReadsIt() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(64);
            memory.fill((byte) 0xee);
            int length = SocketAddress.put(memory, 32, false, 0, 0xC0000201L, 514, 0);
            assertThat(length).isEqualTo(16);
            assertThat(memory.asSlice(32, 16).toArray(JAVA_BYTE))
                    .containsExactly(2, 0, 2, 2, 0xC0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0);
            assertThat(SocketAddress.v6(memory, 32)).isFalse();
            assertThat(SocketAddress.port(memory, 32)).isEqualTo(514);
            assertThat(SocketAddress.low(memory, 32)).isEqualTo(0xC0000201L);
            assertThat(SocketAddress.high(memory, 32)).isZero();
        }
    }

    @Test
    void ipv6IsWrittenAsTheKernelReadsIt() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(64);
            int length = SocketAddress.put(memory, 0, true, 0x20010db800000000L, 0xfffffffffffffffeL, 65_535, 7);
            assertThat(length).isEqualTo(28);
            assertThat(memory.asSlice(0, 28).toArray(JAVA_BYTE))
                    .containsExactly(
                            10, 0, 0xff, 0xff, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
                            0xff, 0xff, 0xff, 0xfe, 7, 0, 0, 0);
            assertThat(SocketAddress.port(memory, 0)).isEqualTo(65_535);
            assertThat(SocketAddress.high(memory, 0)).isEqualTo(0x20010db800000000L);
            assertThat(SocketAddress.low(memory, 0)).isEqualTo(0xfffffffffffffffeL);
            assertThat(SocketAddress.scope(memory, 0)).isEqualTo(7);
        }
    }
}
