package io.evenkeel.dataplane.socket;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/** Whatever is read was a PROXY header. */
class ProxyHeaderBytesFuzzTest {

    @FuzzTest
    void anyBytesAreReadOrRefused(FuzzedDataProvider data) {
        byte[] bytes = data.consumeRemainingAsBytes();
        ProxyHeaderReader.read(bytes).ifPresent(read -> {
            byte[] again = ProxyHeaderFuzzTest.write(read.stream(), read.source(), read.destination());
            // The length may be longer than ours: extensions follow the addresses.
            bytes[14] = again[14];
            bytes[15] = again[15];
            if (!Arrays.equals(again, Arrays.copyOf(bytes, again.length))) {
                throw new AssertionError("not what was read: " + read);
            }
        });
    }
}
