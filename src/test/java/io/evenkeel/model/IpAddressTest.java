package io.evenkeel.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "255.255.255.255, 255.255.255.255",
        "0.0.0.0, 0.0.0.0",
        "::, ::",
        "::1, ::1",
        "2001:db8::1, 2001:db8::1",
        "2001:DB8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0db8:0000:0000:0001:0000:0000:0001, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "1::, 1::",
        "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
        "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
        "::ffff:192.0.2.1, ::ffff:192.0.2.1",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "fe80:0:0:0:0:0:0:1, fe80::1",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3"
    })
    void literalsPrintInTheFormOfRfc5952(String text, String canonical) {
        IpAddress parsed = IpAddress.of(text);
        assertThat(parsed).hasToString(canonical);
        assertThat(IpAddress.ofBytes(parsed.toBytes())).isEqualTo(parsed);
        assertThat(IpAddress.of(canonical)).isEqualTo(parsed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "01.2.3.4",
                "1.2.3.-4",
                "1.2.3.4 ",
                "a.b.c.d",
                ":",
                ":::",
                "1:2",
                "1:2:3:4:5:6:7:8:9",
                "1::2::3",
                "12345::",
                "g::",
                "::1%eth0",
                "2001:db8::/32",
                "1:2:3:4:5:6:7:8::",
                "::1.2.3",
                "1.2.3.4::",
                ":1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:1.2.3.4"
            })
    void anythingElseIsRefused(String text) {
        assertThat(IpAddress.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.129, 32, 192.0.2.129",
        "192.0.2.129, 25, 192.0.2.128",
        "192.0.2.129, 1, 128.0.0.0",
        "192.0.2.129, 0, 0.0.0.0",
        "2001:db8:1:2:3:4:5:6, 128, 2001:db8:1:2:3:4:5:6",
        "2001:db8:1:2:3:4:5:6, 126, 2001:db8:1:2:3:4:5:4",
        "2001:db8:1:2:8003:4:5:6, 65, 2001:db8:1:2:8000::",
        "2001:db8:1:2:8003:4:5:6, 64, '2001:db8:1:2::'",
        "2001:db8:1:2:8003:4:5:6, 63, '2001:db8:1:2::'",
        "2001:db8:1:2:8003:4:5:6, 33, '2001:db8::'",
        "2001:db8:1:2:8003:4:5:6, 0, '::'"
    })
    void aNetworkKeepsTheFirstBits(String address, int prefixLength, String network) {
        assertThat(IpAddress.of(address).network(prefixLength)).hasToString(network);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1:53, true",
        "[2001:db8::1]:53, true",
        "2001:db8::1:53, false",
        "192.0.2.1, false",
        "[192.0.2.1]:53, false",
        "192.0.2.1:65536, false",
        "192.0.2.1:-1, false",
        "192.0.2.1:, false"
    })
    void endpointsNeedBracketsAroundIpv6AndAPort(String text, boolean valid) {
        assertThat(Endpoint.parse(text).isPresent()).isEqualTo(valid);
        if (valid) assertThat(Endpoint.of(text)).hasToString(text);
    }
}
