package io.evenkeel.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Command;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines of proc(5), on a machine that stores the low byte first. */
class ProcFilesTest {
    private static final String REST = " 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 4711 2 0 0";
    private static final String REST_6 =
            " 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000" + " 0 0 4711 2 0 0";

    @ParameterizedTest
    @CsvSource({
        "C80012C6:0202, 198.18.0.200, 514",
        "00000000:0035, 0.0.0.0, 53",
        "B80D0120000000000000000000020000:0202, 2001:db8::200, 514",
        "0000000000000000FFFF0000C80012C6:0202, 198.18.0.200, 514",
        "00000000000000000000000000000000:FFFF, ::, 65535"
    })
    void aBoundUdpSocketIsRead(String local, String address, int port) {
        String line = "   12: " + local + (local.length() > 13 ? REST_6 : REST);
        assertThat(BoundPort.parse(Protocol.UDP, line))
                .contains(new BoundPort(Protocol.UDP, IpAddress.of(address), port, 4711, "", 0));
    }

    @Test
    void ofTcpOnlyListenersCount() {
        String line = "0: C80012C6:0202 00000000:0000 %s 00000000:00000000 00:00000000 00000000 0 0 5 1";
        assertThat(BoundPort.parse(Protocol.TCP, line.formatted("0A"))).isPresent();
        assertThat(BoundPort.parse(Protocol.TCP, line.formatted("01"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
                "0: C80012C6:XX 00000000:0000 07 0 0 0 0 0 1",
                "0: C80012C6:FFFFF 00000000:0000 07 0 0 0 0 0 1",
                "0: C80012ZZ:0202 00000000:0000 07 0 0 0 0 0 1",
                "0: C80012C6:0202 00000000:0000 07 0 0 0 0 0 x"
            })
    void whatIsNoSocketIsPassedOver(String line) {
        assertThat(BoundPort.parse(Protocol.UDP, line)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "198.18.0.200, 198.18.0.200, true",
        "198.18.0.201, 198.18.0.200, false",
        "0.0.0.0, 198.18.0.200, true",
        "::, 198.18.0.200, true",
        "0.0.0.0, 2001:db8::1, false",
        "198.18.0.200, 0.0.0.0, true",
        "2001:db8::1, 0.0.0.0, false"
    })
    void aPortIsHeldForTheAddressesThatItsSocketCovers(String bound, String vip, boolean held) {
        BoundPort port = new BoundPort(Protocol.UDP, IpAddress.of(bound), 514, 1, "", 0);
        assertThat(port.holds(IpAddress.of(vip))).isEqualTo(held);
    }

    @Test
    void defaultRoutesAreRead() {
        assertThat(DefaultRoute.parse4("eth0\t00000000\tFE0012C6\t0003\t0\t0\t0\t00000000\t0\t0\t0"))
                .contains(new DefaultRoute(false, "eth0"));
        assertThat(DefaultRoute.parse4("eth0\t000012C6\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0"))
                .isEmpty();
        assertThat(DefaultRoute.parse4("tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000080\t0\t0\t0"))
                .as("half of all addresses")
                .isEmpty();
        String zero = "0".repeat(32);
        String form = "%s %s " + zero + " 00 " + zero + " 00000400 00000001 00000000 %s %8s";
        assertThat(DefaultRoute.parse6(form.formatted(zero, "00", "00000003", "eth0")))
                .contains(new DefaultRoute(true, "eth0"));
        assertThat(DefaultRoute.parse6(form.formatted(zero, "00", "00200200", "lo")))
                .isEmpty();
        assertThat(DefaultRoute.parse6(form.formatted(zero, "01", "00000003", "eth0")))
                .isEmpty();
        assertThat(DefaultRoute.parse6("")).isEmpty();
    }

    /** The kernel answers a value of several digits to one read only. */
    @Test
    void aSysctlIsReadWhole() throws IOException {
        Path file = Path.of("/proc/sys/net/core/rmem_max");
        String value = Command.run("cat", file.toString()).strip();
        assertThat(value).hasSizeGreaterThan(1);
        assertThat(ProcFiles.whole(file)).isEqualTo(value);
    }
}
