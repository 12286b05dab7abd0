package io.evenkeel.api;

import java.util.ArrayList;
import java.util.List;

/** The answer to {@code explain}: the same facts as {@link ExplainDocument}, for a person. Pure; any thread. */
final class ExplainText {
    private static final String INDENT = "  ";
    private static final String[] HEADINGS = {"REALSERVER", "WEIGHT", "STATE", "FLOWS", "WHY"};
    private static final int LABEL = 12;

    private final StringBuilder out = new StringBuilder();

    private ExplainText() {}

    static String render(ExplainDocument document) {
        ExplainText text = new ExplainText();
        text.question(document);
        text.choice(document);
        text.outcome(document.outcome());
        text.turns(document);
        text.realservers(document.realservers());
        return text.out.toString();
    }

    private void question(ExplainDocument document) {
        ExplainDocument.Asked asked = document.question();
        out.append(asked.protocol())
                .append(asked.reply() ? " reply " : " ")
                .append(asked.source() + " -> " + asked.destination())
                .append(", on the " + document.plane() + " plane\n");
        ExplainDocument.Service service = document.service();
        if (service == null) return;
        String address = service.vip().indexOf(':') >= 0 ? "[" + service.vip() + "]" : service.vip();
        line(
                "service",
                address + ":" + service.port() + "/" + service.protocol() + "  " + service.scheduler()
                        + (service.ops() ? " ops" : ""));
    }

    private void choice(ExplainDocument document) {
        ExplainDocument.Choice choice = document.choice();
        if (choice == null) return;
        if (choice.leaves() != null) line("flow", "leaves " + choice.leaves() + ", which can no longer have it");
        line("choice", choice.why());
    }

    private void outcome(ExplainDocument.Outcome outcome) {
        String reason = outcome.reason() == null ? "" : " (" + outcome.reason() + ")";
        line("outcome", outcome.why() + reason);
        for (String one : outcome.either()) line("", one);
        String label = "rewritten";
        for (ExplainDocument.Rewritten change : outcome.rewritten()) {
            line(label, change.field() + ": " + change.before() + " -> " + change.after());
            label = "";
        }
        ExplainDocument.NextHop hop = outcome.nextHop();
        if (hop != null) line("next hop", hop.device() + (hop.mac() == null ? "" : ", " + hop.mac()));
    }

    private void turns(ExplainDocument document) {
        ExplainDocument.Turns turns = document.turns();
        if (turns == null) return;
        line(
                "turns",
                turns.picks().isEmpty()
                        ? "nobody can be picked"
                        : "from " + turns.next() + " on: " + String.join(", ", turns.picks()));
    }

    private void line(String label, String words) {
        out.append(INDENT)
                .append(label)
                .append(" ".repeat(LABEL - label.length()))
                .append(words)
                .append('\n');
    }

    private void realservers(List<ExplainDocument.Realserver> servers) {
        if (servers.isEmpty()) return;
        List<String[]> rows = new ArrayList<>();
        rows.add(HEADINGS);
        for (ExplainDocument.Realserver server : servers) rows.add(row(server));
        int[] widths = new int[HEADINGS.length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) widths[i] = Math.max(widths[i], row[i].length());
        }
        out.append('\n');
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder(INDENT);
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]).append(" ".repeat(widths[i] - row[i].length() + 2));
            }
            out.append(line.toString().stripTrailing()).append('\n');
        }
    }

    private static String[] row(ExplainDocument.Realserver server) {
        String address = server.address().indexOf(':') >= 0 ? "[" + server.address() + "]" : server.address();
        return new String[] {
            address + ":" + server.port(),
            Integer.toString(server.weight()),
            server.state(),
            Long.toString(server.flows()),
            server.why()
        };
    }
}
