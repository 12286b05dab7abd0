package io.evenkeel.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.linux.NetlinkReply.Refusal;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.List;
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

    private static final String ENTRY = "20000000 1100 %s 0%d000000 00000000 00 00 0100 07000000 00000000 00000000";
    private static final String DONE = "14000000 0300 %s 0%d000000 00000000 00000000";

    @Test
    void aTableThatChangedWhileItWasReadIsReadAgain() {
        Script script = new Script();
        script.add(ENTRY.formatted("0200", 1));
        script.add(DONE.formatted("1200", 1));
        script.add(ENTRY.formatted("0200", 2) + ENTRY.formatted("0200", 2));
        script.add(DONE.formatted("0200", 2));
        NetlinkReply<List<NetworkChange>> reply = script.dump();
        assertThat(reply.require("table")).hasSize(2);
        assertThat(script.requests).isEqualTo(2);
    }

    @Test
    void aTableThatNeverStandsStillIsGivenUp() {
        Script script = new Script();
        for (int i = 1; i <= NetlinkExchange.DUMP_TRIES; i++) {
            script.add(ENTRY.formatted("1200", i));
            script.add(DONE.formatted("0200", i));
        }
        assertThat(script.dump())
                .isInstanceOfSatisfying(
                        Refusal.class,
                        refusal -> assertThat(refusal.error().errno()).isEqualTo(Errno.EAGAIN));
        assertThat(script.requests).isEqualTo(NetlinkExchange.DUMP_TRIES);
    }

    @Test
    void anAnswerToAnEarlierRequestIsPassedOver() {
        Script script = new Script();
        script.add("10000000 2000 0000 09000000 00000000");
        script.add("10000000 2000 0000 01000000 00000000");
        script.exchange.nextSequence();
        assertThat(script.exchange.ask(0, NetworkMessages::read).require("one"))
                .isEqualTo(new NetworkChange.RoutesChanged());
        assertThat(script.blocks).isEmpty();
    }

    @Test
    void aDumpThatFailsHalfWayIsRefused() {
        Script script = new Script();
        script.add(ENTRY.formatted("0200", 1));
        script.add("14000000 0300 0200 01000000 00000000 f4ffffff");
        assertThat(script.dump()).isEqualTo(new Refusal<>(new NetlinkError(Errno.ENOMEM, "")));
    }

    @Test
    void noAnswerAndBrokenAnswersAreRefusals() {
        assertThat(new Script().dump()).isEqualTo(new Refusal<>(new NetlinkError(Errno.ETIMEDOUT, "")));
        Script broken = new Script();
        broken.add("40000000 1000 0000 01000000 00000000");
        assertThat(broken.dump()).isEqualTo(new Refusal<>(new NetlinkError(Errno.EPROTO, "unreadable answer")));
    }

    /** Blocks that come one after the other. */
    private static final class Script implements NetlinkExchange.Blocks {
        final ArrayDeque<byte[]> blocks = new ArrayDeque<>();
        final NetlinkExchange exchange = new NetlinkExchange(this);
        int requests;
        private MemorySegment last = MemorySegment.NULL;

        void add(String hex) {
            blocks.add(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
        }

        NetlinkReply<List<NetworkChange>> dump() {
            return exchange.dump(() -> {
                exchange.nextSequence();
                requests++;
                return 0;
            });
        }

        @Override
        public int await(int patienceMillis) {
            if (blocks.isEmpty()) return -Errno.ETIMEDOUT;
            last = MemorySegment.ofArray(blocks.remove());
            return (int) last.byteSize();
        }

        @Override
        public MemorySegment block() {
            return last;
        }
    }

    private static NetlinkError error(String hex) {
        NetlinkMessages messages = NetworkMessagesTest.messages(NetworkMessagesTest.fixed(hex));
        assertThat(messages.next()).isTrue();
        return NetlinkExchange.error(messages);
    }
}
