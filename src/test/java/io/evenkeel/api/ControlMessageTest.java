package io.evenkeel.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.api.ControlMessage.Explain;
import io.evenkeel.api.ControlMessage.Intend;
import io.evenkeel.api.ControlMessage.Malformed;
import io.evenkeel.api.ControlMessage.Outcome;
import io.evenkeel.api.ControlMessage.Reload;
import io.evenkeel.api.ControlMessage.Reply;
import io.evenkeel.api.ControlMessage.ReplyHeader;
import io.evenkeel.api.ControlMessage.Request;
import io.evenkeel.api.ControlMessage.StatusJson;
import io.evenkeel.api.ControlMessage.StatusTable;
import io.evenkeel.dataplane.Question;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.ServiceKey;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ControlMessageTest {

    static Stream<Request> requests() {
        ServiceKey service = ServiceKey.parse("[2001:db8::1]:53/udp").orElseThrow();
        Endpoint realserver = Endpoint.of("[2001:db8::2]:5353");
        return Stream.of(
                new StatusJson(),
                new StatusTable(80),
                new StatusTable(500),
                new Intend(service, realserver, OperatorIntent.DRAINING),
                new Intend(service, realserver, OperatorIntent.IN),
                new Reload(),
                new Explain(new Question(Protocol.UDP, realserver, service.vip(), false), true),
                new Explain(new Question(Protocol.TCP, realserver, service.vip(), false), false),
                new Explain(new Question(Protocol.UDP, realserver, Endpoint.of("192.0.2.1:9"), true), false),
                new ControlMessage.Leave());
    }

    @ParameterizedTest
    @MethodSource("requests")
    void everyRequestComesBackAsItWasSent(Request request) {
        byte[] line = ControlMessage.encode(request);
        assertThat(line).endsWith((byte) '\n').hasSizeLessThan(ControlMessage.MAX_REQUEST);
        assertThat(ControlMessage.decodeRequest(ByteBuffer.wrap(line, 0, line.length - 1)))
                .isEqualTo(request);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            GET / HTTP/1.1                                  | this is the control socket of evenkeel; a request begins with evenkeel/1
            evenkeel/2 status json                          | this director speaks control protocol evenkeel/1, not that of your evenkeel command
            evenkeel/1                                      | the request names no command
            evenkeel/1 fly                                  | there is no request of that name
            evenkeel/1 status                               | status takes json, or table and a width of 80..500
            evenkeel/1 status table 79                      | status takes json, or table and a width of 80..500
            evenkeel/1 status table 0100                    | status takes json, or table and a width of 80..500
            evenkeel/1 status table 99999999999             | status takes json, or table and a width of 80..500
            evenkeel/1 reload now                           | reload takes no argument
            evenkeel/1 drain 192.0.2.1:53/udp               | drain takes a service and a realserver
            evenkeel/1 drain 192.0.2.1:53/udp  10.0.0.1:53  | drain takes a service and a realserver
            evenkeel/1 drain 192.0.2.1:53 10.0.0.1:53       | the service is not written VIP:PORT/udp or VIP:PORT/tcp
            evenkeel/1 explain                              | explain takes text or json, a protocol, a source, a destination, and perhaps reply
            evenkeel/1 explain text udp 1.2.3.4:5 6.7.8.9:10 back | explain takes text or json, a protocol, a source, a destination, and perhaps reply
            evenkeel/1 explain xml udp 1.2.3.4:5 6.7.8.9:10 | explain takes text or json
            evenkeel/1 explain text sctp 1.2.3.4:5 6.7.8.9:10 | the protocol is neither udp nor tcp
            evenkeel/1 explain text udp 1.2.3.4 6.7.8.9:10  | source and destination are not both written ADDRESS:PORT
            evenkeel/1 explain text udp 1.2.3.4:5 6.7.8.9:0 | 6.7.8.9:0 has port 0, which no packet has
            evenkeel/1 explain text udp 1.2.3.4:5 [::1]:10  | 1.2.3.4:5 and [::1]:10 are of different address families
            evenkeel/1 ready 192.0.2.1:53/udp 10.0.0.1      | the realserver is not written ADDRESS:PORT
            """)
    void whatIsNoRequestIsToldWhy(String line, String reason) {
        assertThat(ControlMessage.decodeRequest(ByteBuffer.wrap(line.getBytes(UTF_8))))
                .isEqualTo(new Malformed(reason));
    }

    @Test
    void bytesThatAreNoTextAreNoRequest() {
        for (byte[] line :
                new byte[][] {{(byte) 0xff}, {0}, "evenkeel/1 reload\r".getBytes(UTF_8), {(byte) 0xc2, (byte) 0x85}}) {
            assertThat(ControlMessage.decodeRequest(ByteBuffer.wrap(line)))
                    .isEqualTo(new Malformed("the request is not a line of text"));
        }
    }

    @Test
    void aReplyHasALineWithItsLengthAndThenItsBody() {
        assertThat(new String(ControlMessage.encode(Reply.done("grün\n")), UTF_8))
                .isEqualTo("evenkeel/1 done 6\ngrün\n");
        assertThat(new String(ControlMessage.encode(Reply.refused("")), UTF_8)).isEqualTo("evenkeel/1 refused 0\n");
        assertThat(header("evenkeel/1 invalid 16777216")).contains(new ReplyHeader(Outcome.INVALID, 16 << 20));
    }

    @ParameterizedTest
    @CsvSource({
        "evenkeel/1 done",
        "evenkeel/1 done 16777217",
        "evenkeel/1 done -1",
        "evenkeel/1 DONE 1",
        "evenkeel/1 done 1 2",
        "x/1 done 1"
    })
    void whatIsNoReplyHeaderIsNone(String line) {
        assertThat(header(line)).isEmpty();
    }

    @Test
    void aBodyThatIsTooLongBecomesARefusal() {
        byte[] bytes = ControlMessage.encode(Reply.done("x".repeat(ControlMessage.MAX_BODY + 1)));
        assertThat(new String(bytes, UTF_8))
                .isEqualTo("evenkeel/1 refused 49\nthe answer has 16777217 bytes, more than 16777216");
    }

    private static java.util.Optional<ReplyHeader> header(String line) {
        return ControlMessage.decodeReplyHeader(ByteBuffer.wrap(line.getBytes(UTF_8)));
    }
}
