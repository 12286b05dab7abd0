package io.evenkeel.dataplane.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.Question;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Protocol;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packets that are asked about are right to the last byte; checksums are summed up here once more. */
class ExplainedPacketTest {
    private static final byte[] MAC = HexFormat.of().parseHex("020000000001");

    @Test
    void aDatagramOverIpv4IsTheseBytes() {
        assertThat(HexFormat.of().formatHex(frame("UDP", "198.18.0.1:40000", "198.18.0.2:514", false)))
                .isEqualTo("020000000001" + "020000000000" + "0800"
                        + "45000024" + "00004000" + "4011aea1" + "c6120001" + "c6120002"
                        + "9c400202" + "0010d563" + "0000000000000000");
    }

    @ParameterizedTest
    @CsvSource({
        "UDP, 198.18.0.1:40000, 198.18.0.2:514, 14, 20, 16, 0",
        "UDP, [2001:db8::1]:40000, [2001:db8::2]:514, 14, 40, 16, 0",
        "TCP, 198.18.0.1:40000, 198.18.0.2:514, 14, 20, 20, 2",
        "TCP, [2001:db8::1]:40000, [2001:db8::2]:514, 14, 40, 20, 2",
    })
    void lengthsPortsFlagsAndChecksumsAreRight(
            String protocol, String from, String to, int ethernet, int header, int segment, int flags) {
        for (boolean reply : new boolean[] {false, true}) {
            ByteBuffer frame = ByteBuffer.wrap(frame(protocol, from, to, reply));
            assertThat(frame.limit()).isEqualTo(ethernet + header + segment);
            int at = ethernet + header;
            assertThat(frame.getShort(at) & 0xffff).isEqualTo(40_000);
            assertThat(frame.getShort(at + 2)).isEqualTo((short) 514);
            boolean v6 = header == 40;
            if (!v6) assertThat(sum(frame, ethernet, header)).isEqualTo(0xffff);
            if (flags != 0) assertThat(frame.get(at + 13)).isEqualTo((byte) (reply ? flags | 0x10 : flags));
            int addresses = v6 ? 32 : 8;
            ByteBuffer pseudo = ByteBuffer.allocate(addresses + 4 + segment);
            pseudo.put(frame.slice(at - addresses, addresses));
            pseudo.putShort((short) (protocol.equals("UDP") ? 17 : 6)).putShort((short) segment);
            pseudo.put(frame.slice(at, segment));
            assertThat(sum(pseudo, 0, pseudo.capacity())).isEqualTo(0xffff);
        }
    }

    private static byte[] frame(String protocol, String from, String to, boolean reply) {
        Question question = new Question(Protocol.valueOf(protocol), Endpoint.of(from), Endpoint.of(to), reply);
        return ExplainedPacket.frame(question, MAC);
    }

    private static int sum(ByteBuffer bytes, int from, int length) {
        int sum = 0;
        for (int i = from; i < from + length; i += 2) sum += bytes.getShort(i) & 0xffff;
        while (sum >>> 16 != 0) sum = (sum & 0xffff) + (sum >>> 16);
        return sum;
    }
}
