import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one JSON value: what the tools and {@code evenkeel status --json} print. Immutable; any thread. */
final class Json {
    private final String text;
    private int at;

    private Json(String text) {
        this.text = text;
    }

    /** A JSON object as nested maps, lists, doubles, strings and booleans. */
    record Document(Map<String, Object> members) {
        long integer(String name) {
            return Math.round(number(name));
        }

        double number(String name) {
            return (Double) member(name);
        }

        Document object(String name) {
            return asDocument(member(name));
        }

        List<Document> objects(String name) {
            return ((List<?>) member(name)).stream().map(Document::asDocument).toList();
        }

        long[] integers(String name) {
            return ((List<?>) member(name))
                    .stream().mapToLong(value -> Math.round((Double) value)).toArray();
        }

        /** The sum of all members, such as drops by reason. */
        long sum() {
            return members.values().stream()
                    .mapToLong(value -> Math.round((Double) value))
                    .sum();
        }

        private Object member(String name) {
            Object value = members.get(name);
            if (value == null) {
                throw new IllegalArgumentException("no member '" + name + "' among " + members.keySet());
            }
            return value;
        }

        @SuppressWarnings("unchecked")
        private static Document asDocument(Object value) {
            return new Document((Map<String, Object>) value);
        }
    }

    /** @throws IllegalArgumentException when the text is not one JSON object */
    static Document parse(String text) {
        Json reader = new Json(text);
        Object value = reader.value();
        if (reader.peek() != 0) {
            throw reader.unexpected();
        }
        return Document.asDocument(value);
    }

    private Object value() {
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", "null");
            default -> number();
        };
    }

    private Map<String, Object> object() {
        Map<String, Object> members = new LinkedHashMap<>();
        expect('{');
        while (peek() != '}') {
            if (!members.isEmpty()) {
                expect(',');
            }
            peek();
            String name = string();
            expect(':');
            members.put(name, value());
        }
        expect('}');
        return members;
    }

    private List<Object> array() {
        List<Object> elements = new ArrayList<>();
        expect('[');
        while (peek() != ']') {
            if (!elements.isEmpty()) {
                expect(',');
            }
            elements.add(value());
        }
        expect(']');
        return elements;
    }

    private String string() {
        StringBuilder content = new StringBuilder();
        expect('"');
        while (at < text.length() && text.charAt(at) != '"') {
            char c = text.charAt(at++);
            content.append(c == '\\' ? escaped() : c);
        }
        expect('"');
        return content.toString();
    }

    private char escaped() {
        char c = text.charAt(at++);
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'u' -> (char) Integer.parseInt(text, at, at += 4, 16);
            default -> c;
        };
    }

    private Double number() {
        int start = at;
        while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
        if (start == at) {
            throw unexpected();
        }
        return Double.valueOf(text.substring(start, at));
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw unexpected();
        }
        at += word.length();
        return value;
    }

    private void expect(char c) {
        if (peek() != c) {
            throw unexpected();
        }
        at++;
    }

    /** The next character that is not white space, or 0 at the end. */
    private char peek() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : 0;
    }

    private IllegalArgumentException unexpected() {
        return new IllegalArgumentException("not the JSON expected, at character " + at + " of: " + text);
    }
}
