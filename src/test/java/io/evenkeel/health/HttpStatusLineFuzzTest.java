package io.evenkeel.health;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.evenkeel.health.HttpStatusLine.Incomplete;
import io.evenkeel.health.HttpStatusLine.Malformed;
import io.evenkeel.health.HttpStatusLine.Status;
import io.evenkeel.model.Check.Http.StatusRange;
import io.evenkeel.model.Check.Http.Url;
import java.util.List;
import java.util.Optional;

/** Whatever a server sends: no throw, and what is decided of a part stays decided of the whole. */
class HttpStatusLineFuzzTest {
    private static final byte[] START = "HTTP/1.1 200".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    @FuzzTest
    void anyBytesGiveOneSteadyAnswer(FuzzedDataProvider data) {
        boolean likely = data.consumeBoolean();
        byte[] tail = data.consumeBytes(HttpProbe.LONGEST_HEAD - START.length);
        byte[] bytes = likely ? join(START, tail) : tail;
        HttpStatusLine whole = HttpStatusLine.parse(bytes, 0, bytes.length);
        for (int length = 0; length < bytes.length; length++) {
            HttpStatusLine part = HttpStatusLine.parse(bytes, 0, length);
            check(part instanceof Incomplete || part.equals(whole), "a decision was taken back");
        }
        switch (whole) {
            case Incomplete _, Malformed _ -> {}
            case Status status -> {
                check(status.code() >= 100 && status.code() <= 999, "code " + status.code());
                check(bytes[status.end() - 1] == '\n', "a line ends with LF");
                int end = HttpStatusLine.endOfHead(bytes, status.end(), bytes.length);
                check(end == -1 || (end > status.end() && bytes[end - 1] == '\n'), "end " + end);
            }
        }
        judge(bytes);
    }

    private static void judge(byte[] bytes) {
        Url url = new Url("/", Optional.empty(), List.of(new StatusRange(200, 299)));
        byte[] buffer = java.util.Arrays.copyOf(bytes, HttpProbe.LONGEST_HEAD);
        Optional<ProbeOutcome> now = HttpJudge.judge(url, buffer, bytes.length, false);
        Optional<ProbeOutcome> closed = HttpJudge.judge(url, buffer, bytes.length, true);
        check(closed.isPresent(), "a closed connection is always judged");
        check(now.isEmpty() || now.equals(closed), "closing changed a judgement");
        check(closed.get().evidence().chars().allMatch(c -> c >= ' ' && c <= '~'), "evidence is printable");
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static void check(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }
}
