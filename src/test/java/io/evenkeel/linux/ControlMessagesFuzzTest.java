package io.evenkeel.linux;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** No bytes that claim to be control messages make the reader leave them, loop or throw. */
class ControlMessagesFuzzTest {

    @FuzzTest
    void anyBytesAreReadOrRefused(FuzzedDataProvider data) {
        byte[] bytes = data.consumeRemainingAsBytes();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Math.max(1, bytes.length), 8);
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
            ControlMessages reader = new ControlMessages();
            boolean whole = reader.read(memory, 0, bytes.length);
            if (whole && reader.segmentSize() < 0) throw new AssertionError("a negative segment size was accepted");
        }
    }
}
