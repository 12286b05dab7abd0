package io.evenkeel.api;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.director.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The answer to {@code status}: the same facts as {@link StatusDocument}, for a person. Plain text, no colour; lines of
 * at most the asked width; what does not fit is cut with an ellipsis (the JSON has it whole). Pure; any thread.
 */
final class StatusText {

    private static final String[] HEADINGS = {
        "REALSERVER", "METHOD", "WEIGHT", "STATE", "SINCE", "FORWARDED", "REPLIES", "FLOWS", "EVIDENCE"
    };
    /** Numbers stand to the right. */
    private static final boolean[] RIGHT = {false, false, true, false, true, true, true, true, false};

    private static final String INDENT = "  ";
    private static final String GAP = "  ";

    private final Snapshot snapshot;
    private final Instant now;
    private final int width;
    private final StringBuilder out = new StringBuilder();

    private StatusText(Snapshot snapshot, Instant now, int width) {
        this.snapshot = snapshot;
        this.now = now;
        this.width = width;
    }

    static String render(Snapshot snapshot, Instant now, int width) {
        StatusText text = new StatusText(snapshot, now, width);
        text.head();
        for (Snapshot.Service service : snapshot.services()) text.service(service);
        text.totals();
        return text.out.toString();
    }

    private void head() {
        line("evenkeel " + snapshot.version() + ", pid " + snapshot.pid() + ", up " + age(snapshot.startedAt())
                + ", table " + snapshot.tableVersion()
                + (snapshot.settled() ? "" : " (acknowledged: " + snapshot.tableAcknowledged() + ")"));
        line(snapshot.plane() + " plane" + (snapshot.planeReason().isEmpty() ? "" : ": " + snapshot.planeReason()));
        line("configuration " + snapshot.configurationFile() + ", reloads " + snapshot.reloads());
        if (snapshot.planeLag().worstMicros() > 0) {
            line("verdict to plane " + millis(snapshot.planeLag().lastMicros()) + ", at worst "
                    + millis(snapshot.planeLag().worstMicros()));
        }
        if (!snapshot.lastReload().isEmpty()) whole("last reload: " + snapshot.lastReload());
        for (String alarm : snapshot.alarms()) whole("ALARM " + alarm);
    }

    private static String millis(long micros) {
        return micros / 1_000 + "." + micros % 1_000 / 100 + " ms";
    }

    private void service(Snapshot.Service s) {
        line("");
        line(s.key() + "  " + s.scheduler() + (s.onePacket() ? " ops" : "") + "  " + s.state() + "  quorum "
                + s.quorum().quorum() + (s.quorum().up() ? " held" : " lost") + ", live weight "
                + s.quorum().liveWeight());
        line(INDENT + "received " + s.received() + ", forwarded " + s.forwarded()
                + (s.local() == 0 ? "" : ", local " + s.local()) + dropped(s.drops()));
        if (s.repliesReceived() != 0) {
            line(INDENT + "replies received " + s.repliesReceived() + ", returned " + s.replies()
                    + dropped(s.replyDrops()));
        }
        if (s.flowsMoved() != 0) line(INDENT + "flows moved off failed realservers " + s.flowsMoved());
        table(s.realservers());
    }

    /** Evidence stands in the last column if every row then fits, else on a line of its own. */
    private void table(List<Snapshot.Server> servers) {
        List<String[]> rows = new ArrayList<>();
        rows.add(HEADINGS);
        for (Snapshot.Server server : servers) rows.add(row(server));
        int[] widths = new int[HEADINGS.length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) widths[i] = Math.max(widths[i], row[i].length());
        }
        int last = HEADINGS.length - 1;
        boolean fits = INDENT.length() + Arrays.stream(widths).sum() + last * GAP.length() <= width;
        for (int i = 0; i < rows.size(); i++) {
            line(INDENT + columns(rows.get(i), widths, fits ? last + 1 : last));
            if (!fits && i > 0) line(INDENT + INDENT + rows.get(i)[last]);
        }
    }

    private static String columns(String[] row, int[] widths, int count) {
        List<String> padded = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String blank = " ".repeat(widths[i] - row[i].length());
            padded.add(RIGHT[i] ? blank + row[i] : row[i] + blank);
        }
        return String.join(GAP, padded);
    }

    private String[] row(Snapshot.Server s) {
        String evidence = s.evidence().isBlank() ? "unknown" : s.evidence() + " (" + age(s.evidenceAt()) + " ago)";
        return new String[] {
            s.endpoint().toString(),
            s.method() + (s.sorry() ? " sorry" : ""),
            Integer.toString(s.weight()),
            s.state().lower(),
            age(s.since()),
            Long.toString(s.forwarded()),
            Long.toString(s.replies()),
            Long.toString(s.flows()),
            evidence
        };
    }

    private void totals() {
        Snapshot.Totals t = snapshot.totals();
        line("");
        line("total received " + t.received() + ", forwarded " + t.forwarded() + ", local " + t.local()
                + dropped(t.drops()) + ", imbalance " + t.imbalance());
        line("replies received " + t.repliesReceived() + ", returned " + t.replies() + dropped(t.replyDrops()));
    }

    /** Every drop with its reason, most frequent first. */
    private static String dropped(Map<DropReason, Long> drops) {
        String reasons = drops.entrySet().stream()
                .filter(drop -> drop.getValue() != 0)
                .sorted(Map.Entry.<DropReason, Long>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(drop -> drop.getKey().word() + " " + drop.getValue())
                .collect(Collectors.joining(", "));
        return reasons.isEmpty() ? ", dropped 0" : ", dropped: " + reasons;
    }

    /** How long ago, in its two largest units at most. */
    private String age(Instant instant) {
        Duration age = Duration.between(instant, now);
        // The wall clock may have been set back; an age is never negative.
        long millis = Math.max(0, age.toMillis());
        if (millis < 10_000) return millis / 1_000 + "." + millis % 1_000 / 100 + "s";
        long seconds = millis / 1_000;
        if (seconds < 60) return seconds + "s";
        if (seconds < 3_600) return seconds / 60 + "m" + seconds % 60 + "s";
        if (seconds < 86_400) return seconds / 3_600 + "h" + seconds / 60 % 60 + "m";
        return seconds / 86_400 + "d" + seconds / 3_600 % 24 + "h";
    }

    /** What an operator must read to the end is not cut. */
    private void whole(String text) {
        out.append(text.stripTrailing()).append('\n');
    }

    private void line(String text) {
        String stripped = text.stripTrailing();
        int length = stripped.codePointCount(0, stripped.length());
        if (length > width) stripped = stripped.substring(0, stripped.offsetByCodePoints(0, width - 1)) + "…";
        out.append(stripped).append('\n');
    }
}
