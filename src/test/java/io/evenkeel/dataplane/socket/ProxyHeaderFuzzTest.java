package io.evenkeel.dataplane.socket;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Whatever is written can be read back, with any payload behind it. The fuzzer hunts with one target of a class only. */
class ProxyHeaderFuzzTest {

    @FuzzTest
    void whatIsWrittenIsReadBack(FuzzedDataProvider data) {
        boolean stream = data.consumeBoolean();
        boolean v6 = data.consumeBoolean();
        Endpoint source = endpoint(data, v6);
        Endpoint destination = endpoint(data, v6);
        byte[] payload = data.consumeRemainingAsBytes();
        byte[] message = Arrays.copyOf(write(stream, source, destination), ProxyHeader.length(v6) + payload.length);
        System.arraycopy(payload, 0, message, ProxyHeader.length(v6), payload.length);

        ProxyHeaderReader read = ProxyHeaderReader.read(message).orElseThrow();
        if (!read.equals(new ProxyHeaderReader(stream, source, destination, ProxyHeader.length(v6)))) {
            throw new AssertionError("wrote " + source + " to " + destination + ", read " + read);
        }
    }

    private static Endpoint endpoint(FuzzedDataProvider data, boolean v6) {
        IpAddress address = v6 ? IpAddress.v6(data.consumeLong(), data.consumeLong()) : IpAddress.v4(data.consumeInt());
        return new Endpoint(address, data.consumeInt(0, 65_535));
    }

    static byte[] write(boolean stream, Endpoint source, Endpoint destination) {
        IpAddress from = source.address();
        IpAddress to = destination.address();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(ProxyHeader.V6_BYTES);
            int length = ProxyHeader.put(
                    memory,
                    0,
                    stream,
                    from.v6(),
                    from.high(),
                    from.low(),
                    source.port(),
                    to.high(),
                    to.low(),
                    destination.port());
            return memory.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }
}
