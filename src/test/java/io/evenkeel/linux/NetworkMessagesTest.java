package io.evenkeel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.linux.NetworkChange.AddressGone;
import io.evenkeel.linux.NetworkChange.AddressSet;
import io.evenkeel.linux.NetworkChange.Irrelevant;
import io.evenkeel.linux.NetworkChange.LinkGone;
import io.evenkeel.linux.NetworkChange.LinkSet;
import io.evenkeel.linux.NetworkChange.NeighbourGone;
import io.evenkeel.linux.NetworkChange.NeighbourSet;
import io.evenkeel.linux.NetworkChange.RoutesChanged;
import io.evenkeel.linux.NetworkChange.Unreadable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Messages written here byte by byte, as a little-endian machine has them: spaces separate header (length, type, flags,
 * sequence, port), structure and attributes.
 */
class NetworkMessagesTest {
    private static final String VETH = """
            70000000 1000 0000 01000000 00000000
            00 00 0100 07000000 43100100 00000000
            0900 0300 657468300000 0000
            0800 0400 dc050000
            0800 0500 08000000
            0800 2500 01000000
            0a00 0100 02000000000a 0000
            0800 0a00 03000000
            1000 1280 0900 0100 76657468 00000000
            1800 2b80 0500 0200 01000000 0c00 0400 2a000000 00000000
            """;

    @Test
    void aVethIsReadWithItsPeerItsMasterAndItsProgram() {
        LinkSet set = (LinkSet) one(fixed(VETH));
        assertThat(set.link())
                .isEqualTo(new Link(
                        7,
                        "eth0",
                        true,
                        0x02000000000aL,
                        1500,
                        true,
                        true,
                        true,
                        3,
                        "veth",
                        8,
                        true,
                        XdpMode.NATIVE,
                        42));
        assertThat(set.link().peer()).isEqualTo(8);
    }

    @Test
    void aLinkThatIsDownHasNoCarrierWhateverTheFlagSays() {
        Link link = ((LinkSet) one(fixed(VETH.replace("43100100", "82100100")))).link();
        assertThat(link.up()).isFalse();
        assertThat(link.carrier()).isFalse();
        assertThat(link.resolves()).isFalse();
    }

    @Test
    void aPortThatLeavesABridgeIsNoDeletedLink() {
        String gone = "20000000 1100 0000 00000000 00000000  00 00 0100 07000000 00000000 00000000";
        assertThat(one(gone)).isEqualTo(new LinkGone(7));
        assertThat(one(gone.replace("  00 00", "  07 00"))).isEqualTo(new Irrelevant());
    }

    @Test
    void anEventThatDoesNotDescribeItsLinkIsIrrelevant() {
        assertThat(one(fixed("""
                00000000 1000 0000 00000000 00000000  00 00 0100 07000000 43100100 00000000
                0900 0300 657468300000 0000
                """))).isEqualTo(new Irrelevant());
    }

    @Test
    void theLocalAddressOfAPointToPointLinkIsOurs() {
        AddressSet set = (AddressSet) one(fixed("""
                00000000 1400 0000 00000000 00000000  02 20 80 fe 05000000
                0800 0100 c6120002
                0800 0200 c6120001
                0800 0800 80020000
                1400 0600 0a000000 1e000000 00000000 00000000
                """));
        assertThat(set.address()).isEqualTo(new Address(5, v4(0xc6120001), 32, Address.SCOPE_HOST, 0x280, 10, 30));
    }

    @Test
    void anAddressOfIpv6IsRead() {
        AddressGone gone = (AddressGone) one(fixed("""
                00000000 1500 0000 00000000 00000000  0a 40 80 00 05000000
                1400 0100 20010db8000000000000000000000001
                """));
        NumericAddress expected = new NumericAddress(true, 0x20010db800000000L, 1);
        assertThat(gone.address()).isEqualTo(new Address(5, expected, 64, 0, 0x80, Address.FOREVER, Address.FOREVER));
        assertThat(expected).hasToString("2001:db8:0:0:0:0:0:1");
    }

    @Test
    void aNeighbourIsRead() {
        String entry = fixed("""
                00000000 1c00 0000 00000000 00000000  02 000000 05000000 0200 00 01
                0800 0100 c6120002
                0a00 0200 02000000000b 0000
                """);
        Neighbour neighbour = new Neighbour(5, v4(0xc6120002), 0x02000000000bL, Neighbour.REACHABLE, 0);
        assertThat(one(entry)).isEqualTo(new NeighbourSet(neighbour));
        assertThat(neighbour.usable()).isTrue();
        assertThat(one(entry.replace("1c000000", "1d000000"))).isEqualTo(new NeighbourGone(neighbour));
        assertThat(one(entry.replace("02000000050000000200", "07000000050000000200")))
                .as("a forwarding entry of a bridge")
                .isEqualTo(new Irrelevant());
    }

    @ParameterizedTest
    @CsvSource({
        "1, false",
        "2, true",
        "4, true",
        "8, true",
        "16, true",
        "32, false",
        "64, true",
        "128, true",
        "0, false"
    })
    void aNeighbourIsUsableWhereTheKernelWouldSend(int state, boolean usable) {
        assertThat(new Neighbour(1, v4(1), 0xaL, state, 0).usable()).isEqualTo(usable);
        assertThat(new Neighbour(1, v4(1), 0, state, 0).usable()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1800", "1900", "2000", "2100", "6800", "6900"})
    void routesRulesAndNextHopsMayChangeAnyLookup(String type) {
        assertThat(one("10000000 " + type + " 0000 00000000 00000000")).isEqualTo(new RoutesChanged());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            a structure that is cut off    | 14000000 1000 0000 00000000 00000000 00000000                                          | 16
            an index of 0                  | 20000000 1100 0000 00000000 00000000 00000100 00000000 00000000 00000000                | 17
            an attribute shorter than it is| 24000000 1000 0000 00000000 00000000 00000100 07000000 00000000 00000000 03000400       | 16
            an attribute beyond the message| 24000000 1000 0000 00000000 00000000 00000100 07000000 00000000 00000000 09000400       | 16
            half an attribute header       | 22000000 1000 0000 00000000 00000000 00000100 07000000 00000000 00000000 0800 0000      | 16
            an MTU of one byte             | 28000000 1000 0000 00000000 00000000 00000100 07000000 00000000 00000000 05000400 dc000000 | 16
            an IPv4 address of 3 bytes     | 20000000 1400 0000 00000000 00000000 02200000 05000000 07000200 c6120000                | 20
            an address without one         | 18000000 1400 0000 00000000 00000000 02200000 05000000                                  | 20
            a prefix of 33 bits            | 20000000 1400 0000 00000000 00000000 02210000 05000000 08000200 c6120001                | 20
            a neighbour without an address | 1c000000 1c00 0000 00000000 00000000 02000000 05000000 02000001                         | 28
            """)
    void whatCannotBeIsUnreadable(String what, String hex, int type) {
        assertThat(one(hex)).as(what).isEqualTo(new Unreadable(type));
    }

    @Test
    void aBlockIsWalkedMessageByMessageUntilOneIsImpossible() {
        String block = "11000000 1800 0000 00000000 00000000 ff 000000"
                + "10000000 2000 0000 00000000 00000000"
                + "40000000 2000 0000 00000000 00000000";
        NetlinkMessages messages = messages(block);
        List<NetworkChange> read = new ArrayList<>();
        while (messages.next()) read.add(NetworkMessages.read(messages));
        assertThat(read).containsExactly(new RoutesChanged(), new RoutesChanged());
        assertThat(messages.broken()).isTrue();
    }

    @Test
    void aMessageThatClaimsLessThanItsHeaderEndsTheWalk() {
        NetlinkMessages messages = messages("00000000 1800 0000 00000000 00000000");
        assertThat(messages.next()).isFalse();
        assertThat(messages.broken()).isTrue();
    }

    private static NumericAddress v4(int value) {
        return new NumericAddress(false, 0, Integer.toUnsignedLong(value));
    }

    private static NetworkChange one(String hex) {
        NetlinkMessages messages = messages(hex);
        assertThat(messages.next()).isTrue();
        NetworkChange change = NetworkMessages.read(messages);
        assertThat(messages.next()).isFalse();
        assertThat(messages.broken()).isFalse();
        return change;
    }

    static NetlinkMessages messages(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
        return new NetlinkMessages(MemorySegment.ofArray(bytes), bytes.length);
    }

    /** The same bytes with the length that they have in the header. */
    static String fixed(String hex) {
        String packed = hex.replaceAll("\\s", "");
        int length = packed.length() / 2;
        return String.format("%02x%02x0000", length & 0xff, length >> 8) + packed.substring(8);
    }
}
