package io.evenkeel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Requests and errors byte by byte; see {@link NetworkMessagesTest}. */
class NetlinkExchangeTest {

    @Test
    void anErrorCarriesTheKernelsWords() {
        assertThat(error("""
                00000000 0200 0003 01000000 00000000
                eaffffff 10000000 1800 0500 01000000 00000000
                0800 0100 6f6f7000
                """)).isEqualTo(new NetlinkError(Errno.EINVAL, "oop"));
        assertThat(new NetlinkError(Errno.EINVAL, "oop").text()).isEqualTo("oop (invalid argument)");
    }

    @Test
    void anAcknowledgementIsTheError0() {
        assertThat(error("24000000 0200 0001 01000000 00000000 00000000 10000000 1800 0500 01000000 00000000"))
                .isEqualTo(new NetlinkError(0, ""));
    }

    @Test
    void anErrorThatIsCutOffOrPositiveIsAProtocolError() {
        assertThat(error("14000000 0200 0000 01000000 00000000 eaffffff").errno())
                .isEqualTo(Errno.EPROTO);
        assertThat(error("24000000 0200 0000 01000000 00000000 16000000 10000000 1800 0500 01000000 00000000")
                        .errno())
                .isEqualTo(Errno.EPROTO);
    }

    @Test
    void aRequestIsWrittenByteByByte() {
        MemorySegment memory = MemorySegment.ofArray(new byte[NetlinkRequest.BYTES]);
        NetlinkRequest request = new NetlinkRequest(memory, Rtnetlink.RTM_NEWADDR, 0x505, 9, 8)
                .address(Rtnetlink.IFA_LOCAL, new NumericAddress(false, 0, 0xc6120001L))
                .number(Rtnetlink.IFA_FLAGS, Address.NO_PREFIX_ROUTE)
                .lifetimes(2, 3);
        byte[] bytes = memory.asSlice(0, request.bytes()).toArray(ValueLayout.JAVA_BYTE);
        assertThat(HexFormat.of().formatHex(bytes)).isEqualTo("""
                3c000000 1400 0505 09000000 00000000  0000000000000000
                0800 0200 c6120001
                0800 0800 00020000
                1400 0600 02000000 03000000 0000000000000000
                """.replaceAll("\\s", ""));
    }

    private static NetlinkError error(String hex) {
        NetlinkMessages messages = NetworkMessagesTest.messages(NetworkMessagesTest.fixed(hex));
        assertThat(messages.next()).isTrue();
        return NetlinkExchange.error(messages);
    }
}
