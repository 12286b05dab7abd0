package io.evenkeel.realserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.realserver.DaemonCheck.Answer;
import io.evenkeel.realserver.SocketTable.Open;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the kernel's tables of sockets say, and what follows for a VIP. */
class DaemonCheckTest {
    private static final String HEAD =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";

    private static String line(String local, String remote, String state, long inode) {
        return "    7: " + local + " " + remote + " " + state
                + " 00000000:00000000 00:00000000 00000000     0        0 " + inode + " 2 0000000000000000 0";
    }

    @Test
    void addressesAreWordsOfTheMachinesOrder() {
        String nobody = "00000000000000000000000000000000:0000";
        List<String> lines = List.of(
                HEAD,
                line("640012C6:0202", "00000000:0000", "07", 11),
                line("B80D0120000000000000000000010000:0035", nobody, "07", 12));
        assertThat(SocketTable.parse(lines, false, true))
                .containsExactly(
                        new Open(Endpoint.of("198.18.0.100:514"), 11), new Open(Endpoint.of("[2001:db8::100]:53"), 12));
        assertThat(SocketTable.parse(List.of(line("C6120064:0202", "00000000:0000", "07", 11)), false, false))
                .containsExactly(new Open(Endpoint.of("198.18.0.100:514"), 11));
    }

    @Test
    void onlySocketsThatTakeWhatComesFromAnybodyCount() {
        List<String> lines = List.of(
                line("640012C6:0050", "00000000:0000", "0A", 1),
                line("640012C6:0050", "010012C6:9C40", "01", 2),
                line("640012C6:0050", "00000000:0000", "07", 3));
        assertThat(SocketTable.parse(lines, true, true)).extracting(Open::inode).containsExactly(1L);
        assertThat(SocketTable.parse(lines, false, true))
                .extracting(Open::inode)
                .containsExactly(1L, 3L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "7:",
                "7: x y z",
                "7: 640012C:0202 00000000:0000 07 a b c d e 1",
                "7: 640012C6:0202" + " 00000000:0000 07 0:0 0:0 0 0 0 -1"
            })
    void whatCannotBeReadIsNoSocket(String line) {
        assertThat(SocketTable.parse(List.of(line), false, true)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "udp, 192.0.2.1,        192.0.2.1, FROM_VIP",
        "tcp, 192.0.2.1,        192.0.2.1, FROM_VIP",
        "udp, ::ffff:192.0.2.1, 192.0.2.1, FROM_VIP",
        "udp, 0.0.0.0,          192.0.2.1, UNPROVEN",
        "udp, ::,               192.0.2.1, UNPROVEN",
        "tcp, 0.0.0.0,          192.0.2.1, FROM_CONNECTION",
        "tcp, ::,               192.0.2.1, FROM_CONNECTION",
        "udp, 192.0.2.2,        192.0.2.1, NOBODY",
        "udp, 0.0.0.0,          2001:db8::1, NOBODY",
        "udp, ::,               2001:db8::1, UNPROVEN",
        "udp, 2001:db8::1,      2001:db8::1, FROM_VIP",
        "tcp, 2001:db8::2,      2001:db8::1, NOBODY"
    })
    void whatASocketProves(String protocol, String bound, String vip, Answer answer) {
        IpAddress address = IpAddress.of(bound);
        List<Open> sockets = List.of(new Open(new Endpoint(address, 53), 1));
        List<Open> otherPort = List.of(new Open(new Endpoint(address, 54), 1));
        Check check = Check.parse(protocol + ":53").orElseThrow();
        List<Open> none = List.of();
        assertThat(judge(vip, check, address.v6() ? none : sockets, address.v6() ? sockets : none))
                .isEqualTo(answer);
        assertThat(judge(vip, check, address.v6() ? none : otherPort, address.v6() ? otherPort : none))
                .isEqualTo(Answer.NOBODY);
    }

    private static Answer judge(String vip, Check check, List<Open> v4, List<Open> v6) {
        return DaemonCheck.judge(IpAddress.of(vip), check, v4, v6).answer();
    }

    @Test
    void aSocketOfTheVipCountsMoreThanOneOfAnyAddress() {
        List<Open> sockets = List.of(new Open(Endpoint.of("0.0.0.0:53"), 1), new Open(Endpoint.of("192.0.2.1:53"), 2));
        Check check = new Check(Protocol.UDP, 53);
        assertThat(judge("192.0.2.1", check, sockets, List.of())).isEqualTo(Answer.FROM_VIP);
        assertThat(judge("192.0.2.3", check, sockets, List.of())).isEqualTo(Answer.UNPROVEN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "udp", "udp:", "udp:0", "udp:65536", "udp:053", "sctp:1", "UDP:1", "udp:1x", ":1", "udp:-1"})
    void whatIsNoCheck(String text) {
        assertThat(Check.parse(text)).isEmpty();
    }

    @Test
    void whatIsACheck() {
        assertThat(Check.parse("udp:1")).contains(new Check(Protocol.UDP, 1));
        assertThat(Check.parse("tcp:65535")).contains(new Check(Protocol.TCP, 65_535));
        assertThat(new Check(Protocol.TCP, 80)).hasToString("tcp:80");
    }
}
