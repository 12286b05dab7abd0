package io.evenkeel.demo;

import io.evenkeel.demo.DemoEvent.Check;
import java.util.Locale;
import java.util.stream.Collectors;

/** Says the events of the demo in words. Pure; any thread. */
public final class DemoText {
    private DemoText() {}

    /** One or more lines, without the last line end. */
    public static String of(DemoEvent event) {
        return switch (event) {
            case DemoEvent.RealserversStarted started ->
                "Three realservers, each a process of its own:\n"
                        + started.realservers().stream()
                                .map(r -> "  " + r.at() + "  (pid " + r.pid() + ")")
                                .collect(Collectors.joining("\n"));
            case DemoEvent.ConfigurationWritten written ->
                "\nThe configuration, " + written.file() + ":\n\n"
                        + written.text().strip().indent(2).stripTrailing();
            case DemoEvent.DirectorReady ready ->
                "\nA director (pid " + ready.pid() + ") serves " + ready.vip() + " and has checked all three, "
                        + ready.startMillis() + " ms after its start.\n";
            case DemoEvent.Progress progress -> progress(progress);
            case DemoEvent.SplitMeasured measured -> split(measured);
            case DemoEvent.Killed killed ->
                "\nkill -9 " + killed.pid() + ": " + killed.at() + " dies under " + number(killed.ratePerSecond())
                        + " requests/s";
            case DemoEvent.Noticed noticed ->
                "  after " + noticed.millis() + " ms the director calls it " + noticed.state() + ": "
                        + noticed.evidence();
            case DemoEvent.Restarted restarted -> "  started again (pid " + restarted.pid() + ")";
            case DemoEvent.Returned returned -> "  it gets work again " + returned.millis() + " ms after its start";
            case DemoEvent.LossMeasured loss -> loss(loss);
            case DemoEvent.Accounted accounted -> books(accounted.status());
            case DemoEvent.Finished finished -> finished(finished);
            case DemoEvent.Broken broken -> broken(broken);
        };
    }

    private static String progress(DemoEvent.Progress p) {
        String of = p.of() == 0 ? "" : " of " + number(p.of());
        return "  " + number(p.sent()) + of + " sent, " + number(p.replies()) + " answered, " + number(p.perSecond())
                + "/s";
    }

    private static String split(DemoEvent.SplitMeasured m) {
        String shares = m.split().entrySet().stream()
                .map(e -> "  " + e.getKey() + "  received " + number(e.getValue()))
                .collect(Collectors.joining("\n"));
        return number(m.requests()) + " datagrams from one client socket in " + seconds(m.millis()) + ":\n" + shares
                + "\n  " + number(m.replies()) + " replies, " + number(m.unanswered()) + " requests unanswered, "
                + number(m.strangers()) + " replies from a wrong address";
    }

    private static String loss(DemoEvent.LossMeasured m) {
        String when =
                m.unanswered() == 0 ? "" : ", sent " + m.firstMillis() + " to " + m.lastMillis() + " ms after the kill";
        return "\n" + number(m.unanswered()) + " of " + number(m.requests()) + " requests went unanswered" + when
                + ";\nby its own account the director sent at most " + number(m.sentWhileFailed())
                + " to the dead realserver.";
    }

    private static String books(DirectorStatus s) {
        return "\nThe director's books:\n  received " + number(s.received()) + " = forwarded " + number(s.forwarded())
                + " + local " + number(s.local()) + " + dropped " + number(DirectorStatus.sum(s.drops()))
                + "\n  replies received " + number(s.repliesReceived()) + " = returned " + number(s.replies())
                + " + dropped " + number(DirectorStatus.sum(s.replyDrops()));
    }

    private static String finished(DemoEvent.Finished finished) {
        return "\n"
                + finished.checks().stream().map(DemoText::check).collect(Collectors.joining("\n"))
                + "\n\n" + (finished.held() ? "All of it held" : "NOT all of it held") + ", in "
                + seconds(finished.millis()) + ".";
    }

    private static String check(Check check) {
        return (check.held() ? "  held    " : "  FAILED  ") + check.claim() + " (" + check.measured() + ")";
    }

    private static String broken(DemoEvent.Broken broken) {
        String log = broken.log().isEmpty()
                ? ""
                : "\nThe director said:\n"
                        + String.join("\n", broken.log()).indent(2).stripTrailing();
        return "\nThe demo could not go on: " + broken.reason() + log;
    }

    private static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
    }
}
