package io.evenkeel.api;

import io.evenkeel.dataplane.Question;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.ServiceKey;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What travels over the control socket. Pure: bytes in, value out; callable from any thread.
 *
 * <p>One request a connection, one line of UTF-8, words parted by one space; then one reply:
 *
 * <pre>
 *   request   evenkeel/1 WORD... LF                      at most {@value #MAX_REQUEST} bytes with the LF
 *   reply     evenkeel/1 done|refused|invalid LENGTH LF  then LENGTH bytes of text, at most {@value #MAX_BODY}
 *
 *   status json
 *   status table COLUMNS
 *   drain VIP:PORT/udp|tcp REALSERVER:PORT
 *   ready VIP:PORT/udp|tcp REALSERVER:PORT
 *   reload
 *   explain text|json udp|tcp SOURCE:PORT DESTINATION:PORT
 *   explain text|json udp|tcp SOURCE:PORT DESTINATION:PORT reply
 *   leave
 * </pre>
 */
public sealed interface ControlMessage {

    String PROTOCOL = "evenkeel/1";
    int MAX_REQUEST = 4_096;
    int MAX_REPLY_HEADER = 64;
    int MAX_BODY = 16 << 20;
    int MIN_COLUMNS = 80;
    int MAX_COLUMNS = 500;

    /** What a client asks. */
    sealed interface Request extends ControlMessage {}

    /** The whole state as JSON (docs/status.schema.json). */
    record StatusJson() implements Request {}

    /** The whole state for a person, in lines of at most {@code columns} characters, {@value #MIN_COLUMNS} or more. */
    record StatusTable(int columns) implements Request {}

    /** Sets the operator's wish for one realserver; answered when every worker has acknowledged it. */
    record Intend(ServiceKey service, Endpoint realserver, OperatorIntent intent) implements Request {}

    /** Reads the configuration file again. */
    record Reload() implements Request {}

    /** Where a packet would go, and why. */
    record Explain(Question question, boolean json) implements Request {}
    /** End the process and leave in force what forwards without it; answered when nothing more is changed. */
    record Leave() implements Request {}

    /** Not a request; {@code reason} is a sentence for the client. */
    record Malformed(String reason) implements ControlMessage {}

    /** What became of a request. */
    enum Outcome {
        /** The body is the answer. */
        DONE,
        /** The world or the director said no; the body says why in one line. */
        REFUSED,
        /** The user's text is wrong; the body lists what is wrong. */
        INVALID;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The answer. {@code body} is text, not longer than {@value #MAX_BODY} bytes in UTF-8. */
    record Reply(Outcome outcome, String body) implements ControlMessage {

        public static Reply done(String body) {
            return new Reply(Outcome.DONE, body);
        }

        public static Reply refused(String why) {
            return new Reply(Outcome.REFUSED, why);
        }

        public static Reply invalid(String what) {
            return new Reply(Outcome.INVALID, what);
        }
    }

    /** The first line of a reply. {@code length} is that of the body, 0..{@value #MAX_BODY} bytes. */
    record ReplyHeader(Outcome outcome, int length) {}

    /** The request as bytes, its line feed included. */
    static byte[] encode(Request request) {
        String words = switch (request) {
            case StatusJson() -> "status json";
            case StatusTable(int columns) -> "status table " + columns;
            case Intend(ServiceKey service, Endpoint realserver, OperatorIntent intent) ->
                verb(intent) + " " + service + " " + realserver;
            case Reload() -> "reload";
            case Explain(Question question, boolean json) ->
                "explain " + (json ? "json " : "text ") + question.protocol().lower() + " " + question.source() + " "
                        + question.destination() + (question.reply() ? " reply" : "");
            case Leave() -> "leave";
        };
        return (PROTOCOL + " " + words + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The reply as bytes; a body that is too long becomes a refusal that says so. */
    static byte[] encode(Reply reply) {
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        if (body.length > MAX_BODY) {
            return encode(Reply.refused("the answer has " + body.length + " bytes, more than " + MAX_BODY));
        }
        byte[] header =
                (PROTOCOL + " " + reply.outcome().word() + " " + body.length + "\n").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(header.length + body.length)
                .put(header)
                .put(body)
                .array();
    }

    /** Reads a request from its line, without the line feed: a {@link Request} or {@link Malformed}, nothing else. */
    static ControlMessage decodeRequest(ByteBuffer line) {
        Optional<String> text = text(line);
        if (text.isEmpty()) return new Malformed("the request is not a line of text");
        String[] words = text.get().split(" ", -1);
        if (!words[0].equals(PROTOCOL)) {
            return new Malformed(
                    words[0].startsWith("evenkeel/")
                            ? "this director speaks control protocol " + PROTOCOL
                                    + ", not that of your evenkeel command"
                            : "this is the control socket of evenkeel; a request begins with " + PROTOCOL);
        }
        if (words.length < 2) return new Malformed("the request names no command");
        return switch (words[1]) {
            case "status" -> status(words);
            case "drain" -> intend(words, OperatorIntent.DRAINING);
            case "ready" -> intend(words, OperatorIntent.IN);
            case "reload" -> words.length == 2 ? new Reload() : new Malformed("reload takes no argument");
            case "explain" -> explain(words);
            case "leave" -> words.length == 2 ? new Leave() : new Malformed("leave takes no argument");
            default -> new Malformed("there is no request of that name");
        };
    }

    /** Reads the first line of a reply, without the line feed; empty if it is none. */
    static Optional<ReplyHeader> decodeReplyHeader(ByteBuffer line) {
        Optional<String> text = text(line);
        if (text.isEmpty()) return Optional.empty();
        String[] words = text.get().split(" ", -1);
        if (words.length != 3 || !words[0].equals(PROTOCOL)) return Optional.empty();
        OptionalInt length = number(words[2], 0, MAX_BODY);
        if (length.isEmpty()) return Optional.empty();
        for (Outcome outcome : Outcome.values()) {
            if (outcome.word().equals(words[1])) return Optional.of(new ReplyHeader(outcome, length.getAsInt()));
        }
        return Optional.empty();
    }

    private static String verb(OperatorIntent intent) {
        return switch (intent) {
            case IN -> "ready";
            case DRAINING -> "drain";
        };
    }

    private static ControlMessage status(String[] words) {
        if (words.length == 3 && words[2].equals("json")) return new StatusJson();
        if (words.length == 4 && words[2].equals("table")) {
            OptionalInt columns = number(words[3], MIN_COLUMNS, MAX_COLUMNS);
            if (columns.isPresent()) return new StatusTable(columns.getAsInt());
        }
        return new Malformed("status takes json, or table and a width of " + MIN_COLUMNS + ".." + MAX_COLUMNS);
    }

    private static ControlMessage intend(String[] words, OperatorIntent intent) {
        if (words.length != 4) return new Malformed(words[1] + " takes a service and a realserver");
        Optional<ServiceKey> service = ServiceKey.parse(words[2]);
        if (service.isEmpty()) return new Malformed("the service is not written VIP:PORT/udp or VIP:PORT/tcp");
        Optional<Endpoint> realserver = Endpoint.parse(words[3]);
        if (realserver.isEmpty()) return new Malformed("the realserver is not written ADDRESS:PORT");
        return new Intend(service.get(), realserver.get(), intent);
    }

    private static ControlMessage explain(String[] words) {
        boolean reply = words.length == 7 && words[6].equals("reply");
        if (words.length != 6 && !reply) {
            return new Malformed("explain takes text or json, a protocol, a source, a destination, and perhaps reply");
        }
        if (!words[2].equals("json") && !words[2].equals("text")) return new Malformed("explain takes text or json");
        Optional<Protocol> protocol = protocol(words[3]);
        if (protocol.isEmpty()) return new Malformed("the protocol is neither udp nor tcp");
        Optional<Endpoint> source = Endpoint.parse(words[4]);
        Optional<Endpoint> destination = Endpoint.parse(words[5]);
        if (source.isEmpty() || destination.isEmpty()) {
            return new Malformed("source and destination are not both written ADDRESS:PORT");
        }
        Question question = new Question(protocol.get(), source.get(), destination.get(), reply);
        Optional<String> contradiction = question.contradiction();
        if (contradiction.isPresent()) return new Malformed(contradiction.get());
        return new Explain(question, words[2].equals("json"));
    }

    private static Optional<Protocol> protocol(String word) {
        for (Protocol protocol : Protocol.values()) if (protocol.lower().equals(word)) return Optional.of(protocol);
        return Optional.empty();
    }

    /** Decimal digits only, no sign, no leading zero but 0 itself. */
    private static OptionalInt number(String digits, int least, int most) {
        if (digits.isEmpty() || digits.length() > 9 || (digits.length() > 1 && digits.charAt(0) == '0')) {
            return OptionalInt.empty();
        }
        int value = 0;
        for (int i = 0; i < digits.length(); i++) {
            char digit = digits.charAt(i);
            if (digit < '0' || digit > '9') return OptionalInt.empty();
            value = value * 10 + (digit - '0');
        }
        return value >= least && value <= most ? OptionalInt.of(value) : OptionalInt.empty();
    }

    /** Well-formed UTF-8 without control characters. */
    private static Optional<String> text(ByteBuffer line) {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(line.duplicate()).toString();
            return text.chars().anyMatch(Character::isISOControl) ? Optional.empty() : Optional.of(text);
        } catch (CharacterCodingException notText) {
            return Optional.empty();
        }
    }
}
