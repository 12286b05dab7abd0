package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.IpAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The header's bytes are those of the protocol's page. */
class ProxyHeaderTest {

    @ParameterizedTest
    @CsvSource({
        "true,  192.0.2.1, 40000, 198.51.100.7, 443,"
                + " 0d0a0d0a000d0a515549540a 21 11 000c c0000201 c6336407 9c40 01bb",
        "false, 192.0.2.1, 65535, 198.51.100.7, 53,"
                + " 0d0a0d0a000d0a515549540a 21 12 000c c0000201 c6336407 ffff 0035",
        "true,  2001:db8::1, 1, 2001:db8:0:ff::9, 8080,"
                + " 0d0a0d0a000d0a515549540a 21 21 0024 20010db8000000000000000000000001"
                + " 20010db8000000ff0000000000000009 0001 1f90",
        "false, 2001:db8::1, 2, 2001:db8:0:ff::9, 514,"
                + " 0d0a0d0a000d0a515549540a 21 22 0024 20010db8000000000000000000000001"
                + " 20010db8000000ff0000000000000009 0002 0202",
    })
    void theBytesAreTheProtocols(
            boolean stream, String source, int sourcePort, String destination, int destinationPort, String expected) {
        IpAddress from = IpAddress.of(source);
        IpAddress to = IpAddress.of(destination);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(ProxyHeader.V6_BYTES + 8);
            int length = ProxyHeader.put(
                    memory,
                    3,
                    stream,
                    from.v6(),
                    from.high(),
                    from.low(),
                    sourcePort,
                    to.high(),
                    to.low(),
                    destinationPort);

            byte[] written = memory.asSlice(3, length).toArray(ValueLayout.JAVA_BYTE);
            assertThat(HexFormat.of().formatHex(written)).isEqualTo(expected.replace(" ", ""));
            assertThat(length).isEqualTo(ProxyHeader.length(from.v6()));
            assertThat(memory.get(ValueLayout.JAVA_BYTE, 3 + length))
                    .as("beyond the header")
                    .isZero();
        }
    }
}
