package io.evenkeel.health;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.health.HttpStatusLine.Incomplete;
import io.evenkeel.health.HttpStatusLine.Malformed;
import io.evenkeel.health.HttpStatusLine.Status;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpStatusLineTest {

    private static HttpStatusLine parse(String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        return HttpStatusLine.parse(bytes, 0, bytes.length);
    }

    private static String java(String text) {
        return text.replace("~", "\r\n").replace("^", "\n");
    }

    @Test
    void aStatusLineIsRead() {
        assertThat(parse("HTTP/1.1 200 OK\r\n")).isEqualTo(new Status(1, 1, 200, 17));
        assertThat(parse("HTTP/1.0 404 \r\n")).isEqualTo(new Status(1, 0, 404, 15));
        assertThat(parse("HTTP/1.0 599\r\nmore")).isEqualTo(new Status(1, 0, 599, 14));
        assertThat(parse("HTTP/1.1 301 bare\nmore")).isEqualTo(new Status(1, 1, 301, 18));
        assertThat(parse("HTTP/1.1 200 \u00e4\u0000\u00ff\r\n")).isEqualTo(new Status(1, 1, 200, 18));
    }

    @Test
    void everyProperPrefixIsIncomplete() {
        String line = "HTTP/1.1 503 Service Unavailable\r\n";
        for (int i = 0; i < line.length(); i++) {
            assertThat(parse(line.substring(0, i))).as(line.substring(0, i)).isInstanceOf(Incomplete.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "h", "HTTP 1.1 200 OK", "HTTPS/1.1", "HTTP/x", "HTTP/1,1", "HTTP/11", "HTTP/1.1  200", "HTTP/1.1\t200",
                "HTTP/1.1 0", "HTTP/1.1 2x", "HTTP/1.1 20 OK", "HTTP/1.1 2000", "HTTP/1.1 200x", "~", "SSH-2.0",
                        "<html>"
            })
    void whatCannotBecomeAStatusLineIsMalformedAtOnce(String text) {
        assertThat(parse(java(text))).isInstanceOf(Malformed.class);
    }

    @Test
    void parsingBeginsWhereItIsTold() {
        byte[] bytes = "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\n".getBytes(ISO_8859_1);
        assertThat(HttpStatusLine.parse(bytes, 22, bytes.length)).isEqualTo(new Status(1, 1, 200, bytes.length));
        assertThat(HttpStatusLine.parse(bytes, 22, 22)).isInstanceOf(Incomplete.class);
    }

    @Test
    void theHeadEndsAtTheFirstEmptyLine() {
        assertThat(endOfHead("a: b~~body~~")).isEqualTo(8);
        assertThat(endOfHead("~")).isEqualTo(2);
        assertThat(endOfHead("^")).isEqualTo(1);
        assertThat(endOfHead("a: b^^x")).isEqualTo(6);
        assertThat(endOfHead("a: b^~x")).isEqualTo(7);
        assertThat(endOfHead("a: b~")).isEqualTo(-1);
        assertThat(endOfHead("a: b~\r")).isEqualTo(-1);
        assertThat(endOfHead("")).isEqualTo(-1);
        assertThat(endOfHead("a\r\rb")).isEqualTo(-1);
    }

    private static int endOfHead(String text) {
        byte[] bytes = java(text).getBytes(ISO_8859_1);
        return HttpStatusLine.endOfHead(bytes, 0, bytes.length);
    }
}
