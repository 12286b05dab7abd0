package io.evenkeel.cli;

import io.evenkeel.realserver.Assignment;
import io.evenkeel.realserver.DaemonCheck.Finding;
import io.evenkeel.realserver.Outcome;
import io.evenkeel.realserver.Preparation;
import io.evenkeel.realserver.Tunnel;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code evenkeel realserver} says on stdout, as lines or as JSON. Used by main. */
final class RealserverReport {
    private final Terminal terminal;
    private final boolean json;
    private final Assignment assignment;
    private final Preparation preparation;

    RealserverReport(Terminal terminal, boolean json, Assignment assignment, Preparation preparation) {
        this.terminal = terminal;
        this.json = json;
        this.assignment = assignment;
        this.preparation = preparation;
    }

    void ready() {
        List<Finding> findings = preparation.checkDaemons();
        if (json) document("ready", preparation.received(), findings);
        else {
            line("ready: " + vips() + " on lo" + way());
            findings.forEach(finding -> line("check: " + finding));
        }
    }

    void running() {
        List<Finding> findings = preparation.checkDaemons();
        if (json) document("running", preparation.received(), findings);
        else {
            counts();
            findings.forEach(finding -> line("check: " + finding));
        }
    }

    void end() {
        if (json) document("ended", preparation.received(), List.of());
        else counts();
    }

    private void counts() {
        line("received: " + counters(preparation.received()));
        preparation
                .answers()
                .forEach((check, answers) -> line("answers " + check + ": " + answers.fromVip() + " from the VIP, "
                        + answers.mended() + " mended, " + answers.fromElsewhere() + " from elsewhere"));
    }

    private String vips() {
        return assignment.vips().stream().map(Object::toString).collect(Collectors.joining(", "));
    }

    private String way() {
        String tunnels = assignment.tunnels().stream()
                .sorted()
                .map(RealserverReport::word)
                .collect(Collectors.joining(", "));
        List<String> devices = preparation.devices();
        if (devices.isEmpty()) return "; nothing is counted";
        String on = " on " + String.join(", ", devices);
        return tunnels.isEmpty() ? "; counting" + on : "; unwrapping " + tunnels + on;
    }

    private static String word(Tunnel tunnel) {
        return tunnel.name().toLowerCase(Locale.ROOT);
    }

    /** Only what is not 0. */
    static String counters(Map<Outcome, Long> received) {
        if (received.isEmpty()) return "not counted";
        String counts = received.entrySet().stream()
                .filter(entry -> entry.getValue() != 0)
                .map(entry -> entry.getKey().word() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return counts.isEmpty() ? "nothing" : counts;
    }

    private void document(String state, Map<Outcome, Long> received, List<Finding> findings) {
        JsonMapper mapper = JsonMapper.shared();
        ObjectNode document = mapper.createObjectNode().put("schema", 1).put("state", state);
        ArrayNode vips = document.putArray("vips");
        assignment.vips().forEach(vip -> vips.add(vip.toString()));
        ArrayNode devices = document.putArray("interfaces");
        preparation.devices().forEach(devices::add);
        if (received.isEmpty()) document.putNull("received");
        else {
            ObjectNode counts = document.putObject("received");
            received.forEach((outcome, count) -> counts.put(outcome.word(), count));
        }
        ArrayNode checks = document.putArray("checks");
        for (Finding finding : findings) {
            checks.addObject()
                    .put("vip", finding.vip().toString())
                    .put("check", finding.check().toString())
                    .put("answer", finding.answer().name().toLowerCase(Locale.ROOT))
                    .put("good", finding.answer().good())
                    .put("process", finding.process());
        }
        ArrayNode answered = document.putArray("answers");
        preparation
                .answers()
                .forEach((check, answers) -> answered.addObject()
                        .put("check", check.toString())
                        .put("fromVip", answers.fromVip())
                        .put("mended", answers.mended())
                        .put("fromElsewhere", answers.fromElsewhere()));
        line(mapper.writeValueAsString(document));
    }

    private void line(String text) {
        terminal.out().println(Terminal.harmless(text));
        terminal.out().flush();
    }
}
