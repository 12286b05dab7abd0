package io.evenkeel.health;

import io.evenkeel.model.Check;
import java.util.Optional;
import java.util.OptionalInt;

/** Whether what has come of a response settles the question. Pure; any thread. */
final class HttpJudge {
    private HttpJudge() {}

    /**
     * @param head the bytes so far, from the first of the response
     * @param ended the server has closed
     * @return the outcome, or empty if more has to be read
     */
    static Optional<ProbeOutcome> judge(Check.Http.Url url, byte[] head, int length, boolean ended) {
        int from = 0;
        while (true) {
            switch (HttpStatusLine.parse(head, from, length)) {
                case HttpStatusLine.Malformed _ -> {
                    return failed(url, "not HTTP: \"" + Evidence.quote(head, from, lineEnd(head, from, length)) + '"');
                }
                case HttpStatusLine.Incomplete _ -> {
                    return unfinished(url, head, from, length, ended);
                }
                case HttpStatusLine.Status status -> {
                    int end = HttpStatusLine.endOfHead(head, status.end(), length);
                    if (end < 0 && length < head.length) return unfinished(url, head, from, length, ended);
                    if (accepts(url, status.code())) {
                        return Optional.of(new ProbeOutcome.Passed(
                                "GET " + url.path() + ": status " + status.code(), OptionalInt.empty()));
                    }
                    // An interim response (1xx, RFC 9110 section 15.2) comes before the one that counts.
                    if (status.code() >= 200 || end < 0) return failed(url, "status " + status.code());
                    from = end;
                }
            }
        }
    }

    private static Optional<ProbeOutcome> unfinished(
            Check.Http.Url url, byte[] head, int from, int length, boolean ended) {
        if (length == head.length) return failed(url, "no end of the status line in " + length + " bytes");
        if (!ended) return Optional.empty();
        return failed(
                url,
                length == from
                        ? "closed without a response"
                        : "closed after %d bytes, before the response's head was complete".formatted(length));
    }

    private static boolean accepts(Check.Http.Url url, int code) {
        return url.statuses().stream().anyMatch(range -> code >= range.first() && code <= range.last());
    }

    private static Optional<ProbeOutcome> failed(Check.Http.Url url, String why) {
        return Optional.of(new ProbeOutcome.Failed("GET " + url.path() + ": " + why));
    }

    private static int lineEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != '\r' && bytes[at] != '\n') at++;
        return at;
    }
}
