package io.evenkeel.linux;

import static io.evenkeel.linux.NetworkMessagesTest.fixed;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.linux.Route.Kind;
import io.evenkeel.linux.Route.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers to route lookups, written byte by byte; see {@link NetworkMessagesTest}. */
class RouteMessageTest {
    private static final String HEADER = "00000000 1800 0000 01000000 00000000  02 20 00 00 fe 00 00 01 00000000 ";
    private static final NumericAddress GATEWAY = new NumericAddress(false, 0, 0xc6120001L);

    @Test
    void aRouteBehindAGatewayIsRead() {
        assertThat(read(HEADER + """
                0800 0100 c6130001
                0800 0400 05000000
                0800 0700 c6120002
                0800 0500 c6120001
                0c00 0800 0800 0200 78050000
                """))
                .isEqualTo(new Route(
                        Kind.UNICAST,
                        List.of(new Path(5, GATEWAY, 1, false)),
                        new NumericAddress(false, 0, 0xc6120002L),
                        1400));
    }

    @Test
    void aGatewayMayBeOfTheOtherFamily() {
        Route route = read(HEADER + "0800 0400 05000000  1600 1200 0a00 fe800000000000000000000000000001 0000");
        assertThat(route.paths())
                .containsExactly(new Path(5, new NumericAddress(true, 0xfe80000000000000L, 1), 1, false));
    }

    @Test
    void allPathsOfAMultipathRouteAreRead() {
        Route route = read(HEADER + """
                2400 0900
                1000 00 00 05000000 0800 0500 c6120001
                1000 11 02 06000000 0800 0500 c6120001
                """);
        assertThat(route.paths()).containsExactly(new Path(5, GATEWAY, 1, false), new Path(6, GATEWAY, 3, true));
    }

    @ParameterizedTest
    @CsvSource({
        "01, UNICAST",
        "02, LOCAL",
        "03, BROADCAST",
        "04, ANYCAST",
        "05, MULTICAST",
        "06, BLACKHOLE",
        "07, UNREACHABLE",
        "08, PROHIBITED",
        "09, OTHER"
    })
    void theTypeSaysWhatHappens(String type, Kind kind) {
        assertThat(read(HEADER.replace("fe 00 00 01", "fe 00 00 " + type)).kind())
                .isEqualTo(kind);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0700 0500 c61200 00", // a gateway of 3 bytes
                "0500 1200 02 000000", // RTA_VIA without an address
                "0c00 0900 0700 00 00 05000000", // a path shorter than its structure
                "0c00 0900 0900 00 00 05000000", // a path longer than the attribute
                "0800 0800 0300 0200", // an impossible metric
                "0800 0400 ffffffff" // an interface below 0
            })
    void whatCannotBeIsNoRoute(String attributes) {
        assertThat(readIfPossible(HEADER + attributes)).isNull();
    }

    private static Route read(String hex) {
        return Objects.requireNonNull(readIfPossible(hex));
    }

    private static @Nullable Route readIfPossible(String hex) {
        NetlinkMessages messages = NetworkMessagesTest.messages(fixed(hex));
        assertThat(messages.next()).isTrue();
        return RouteMessage.read(messages);
    }
}
