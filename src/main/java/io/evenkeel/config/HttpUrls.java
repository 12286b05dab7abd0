package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Statement;
import io.evenkeel.model.Check.Http.StatusRange;
import io.evenkeel.model.Check.Http.Url;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code url} blocks of one HTTP_GET. One thread. */
final class HttpUrls {

    private static final Pattern STATUS = Pattern.compile("([1-5][0-9][0-9])(?:-([1-5][0-9][0-9]))?");

    /** keepalived's, when nothing is written. */
    static final StatusRange SUCCESS = new StatusRange(200, 299);

    /** keepalived has room for a request of this size. */
    static final int MAX_PATH = 2_048;

    private final Values values;
    private final List<Url> urls = new ArrayList<>();
    private boolean written;

    HttpUrls(Values values) {
        this.values = values;
    }

    /** There was a block, right or wrong. */
    boolean written() {
        return written;
    }

    boolean isEmpty() {
        return urls.isEmpty();
    }

    /** The URLs, with {@code host} for those that name none. */
    List<Url> withHost(Optional<String> host) {
        return urls.stream()
                .map(u -> new Url(u.path(), u.host().or(() -> host), u.statuses()))
                .toList();
    }

    void read(Statement block) {
        written = true;
        values.noMoreThan(block, 0);
        Reading reading = new Reading();
        new Statements(values.problems())
                .each(Statements.of(block), Scope.URL, CheckKeyword.class, (k, s) -> reading.keyword(k, s));
        reading.finish(block);
    }

    private final class Reading {
        private Optional<String> path = Optional.empty();
        private boolean pathWritten;
        private Optional<String> host = Optional.empty();
        private final List<StatusRange> statuses = new ArrayList<>();

        void keyword(CheckKeyword keyword, Statement statement) {
            if (keyword == CheckKeyword.PATH) path(statement);
            if (keyword == CheckKeyword.VIRTUALHOST) host = values.visible(statement, Inherited.MAX_HOST);
            if (keyword == CheckKeyword.STATUS_CODE) statuses(statement);
        }

        private void path(Statement statement) {
            pathWritten = true;
            path = values.visible(statement, MAX_PATH);
            if (path.isEmpty() || path.get().startsWith("/")) return;
            Token token = statement.arguments().getFirst();
            values.problems()
                    .error(token, Clip.quoted(token) + " is not a path", "write '/" + Clip.of(token.value()) + "'");
            path = Optional.empty();
        }

        private void statuses(Statement statement) {
            if (statement.arguments().isEmpty()) values.single(statement);
            for (Token token : statement.arguments()) {
                Matcher range = STATUS.matcher(token.value());
                boolean matches = range.matches();
                int first = matches ? Integer.parseInt(range.group(1)) : 0;
                int last = matches && range.group(2) != null ? Integer.parseInt(range.group(2)) : first;
                if (matches && first <= last) {
                    statuses.add(new StatusRange(first, last));
                } else {
                    String message = Clip.quoted(token) + " is no status or range of statuses";
                    values.problems().error(token, message, "write 200 or 200-299, within 100-599");
                }
            }
        }

        void finish(Statement block) {
            if (!pathWritten) values.problems().error(block.keyword(), "a url needs a path", "path /");
            List<StatusRange> accepted = statuses.isEmpty() ? List.of(SUCCESS) : List.copyOf(statuses);
            path.ifPresent(p -> urls.add(new Url(p, host, accepted)));
        }
    }
}
