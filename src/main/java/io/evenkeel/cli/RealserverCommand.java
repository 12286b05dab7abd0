package io.evenkeel.cli;

import io.evenkeel.daemon.Signals;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Refused;
import io.evenkeel.realserver.Assignment;
import io.evenkeel.realserver.ByHand;
import io.evenkeel.realserver.Check;
import io.evenkeel.realserver.Preparation;
import io.evenkeel.realserver.Preparation.Beginning;
import io.evenkeel.realserver.Tunnel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code evenkeel realserver}. */
@Command(
        name = "realserver",
        header = "Prepare this machine to be a realserver for DR and TUN, in the foreground, until SIGTERM or SIGINT.",
        description =
                "Puts VIPs on lo, is silent about them, unwraps what a director sends through a tunnel, counts what"
                        + " comes in, and undoes all of it at its end. SIGUSR1 asks for a report.")
final class RealserverCommand implements Callable<Integer> {
    private static final long TICK_MILLIS = 1_000;

    private enum Event {
        REPORT,
        STOP
    }

    private final Terminal terminal;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    @Option(
            names = "--vip",
            split = ",",
            paramLabel = "ADDR",
            description = "A virtual address, IPv4 or IPv6; several with commas, or the option again.")
    private List<String> vips = List.of();

    @Option(
            names = "--tunnel",
            split = ",",
            paramLabel = "ipip|gue|gre",
            description = "How the director sends (lb_kind TUN); without it, direct routing (lb_kind DR) alone.")
    private List<String> tunnels = List.of();

    @Option(
            names = "--tunnel-port",
            paramLabel = "PORT",
            description = "The UDP port of gue. Default: ${DEFAULT-VALUE}.")
    private int tunnelPort = Tunnel.USUAL_GUE_PORT;

    @Option(
            names = "--interface",
            paramLabel = "DEV",
            description =
                    "Where the director's packets come in; may be repeated. Default: every Ethernet interface that"
                            + " is up and has an address.")
    private List<String> interfaces = List.of();

    @Option(
            names = "--check",
            paramLabel = "udp|tcp:PORT",
            description = "Say whether a daemon answers from the VIPs at this port; may be repeated.")
    private List<String> checks = List.of();

    @Option(
            names = "--mend",
            description =
                    "UDP answers at a checked port that leave from another address are rewritten to leave from the"
                            + " VIP, for daemons that cannot be bound to it.")
    private boolean mend;

    @Option(
            names = "--lease",
            paramLabel = "SECONDS",
            description = "The kernel itself removes the VIPs this long after this program was killed; 0: never."
                    + " Default: ${DEFAULT-VALUE}.")
    private int lease = 60;

    @Option(
            names = "--interval",
            paramLabel = "SECONDS",
            description = "Report so often; 0: only at the end and on SIGUSR1. Default: ${DEFAULT-VALUE}.")
    private int interval = 0;

    @Option(names = "--json", description = "Reports as data: one JSON document a line.")
    private boolean json;

    @Option(names = "--print", description = "Print the commands that a person would type, and change nothing.")
    private boolean print;

    @Option(names = "--undo", description = "Undo what a killed one left behind, and end.")
    private boolean undo;

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description = "Where it notes what it changes. Default: /run/evenkeel-realserver.")
    private Path stateDirectory = Preparation.usualStateDirectory();

    RealserverCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (undo) return undoLeftovers().code();
        Assignment assignment = assignment();
        if (print) return printCommands(assignment).code();
        return prepare(assignment).code();
    }

    private Assignment assignment() {
        List<IpAddress> addresses = new ArrayList<>();
        for (String vip : vips) {
            addresses.add(IpAddress.parse(vip).orElseThrow(() -> wrong("--vip '" + vip + "' is no address")));
        }
        if (addresses.isEmpty()) throw wrong("--vip is missing: name the addresses that the director sends here for");
        Set<Tunnel> kinds = EnumSet.noneOf(Tunnel.class);
        for (String word : tunnels) kinds.add(tunnel(word));
        List<Check> ports = new ArrayList<>();
        for (String check : checks) {
            ports.add(
                    Check.parse(check).orElseThrow(() -> wrong("--check '" + check + "' is not udp:PORT or tcp:PORT")));
        }
        if (interval < 0) throw wrong("--interval cannot be negative");
        Assignment assignment = new Assignment(addresses, kinds, tunnelPort, interfaces, lease, ports, mend);
        Optional<Refused> mistake = assignment.wrong();
        if (mistake.isPresent()) throw wrong(mistake.get().toString());
        return assignment;
    }

    private Tunnel tunnel(String word) {
        for (Tunnel tunnel : Tunnel.values()) {
            if (tunnel.name().toLowerCase(Locale.ROOT).equals(word)) return tunnel;
        }
        throw wrong("--tunnel '" + word + "' is not ipip, gue or gre");
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(command.commandLine(), sentence);
    }

    private ExitStatus printCommands(Assignment assignment) {
        return switch (ByHand.commands(assignment)) {
            case ByHand.Sheet.Denied(List<Refused> reasons) -> denied(reasons);
            case ByHand.Sheet.Commands(List<String> lines) -> {
                lines.forEach(line -> terminal.out().println(Terminal.harmless(line)));
                yield ExitStatus.OK;
            }
        };
    }

    private ExitStatus undoLeftovers() {
        return switch (Preparation.undoLeftovers(stateDirectory)) {
            case Beginning.Denied(List<Refused> reasons) -> denied(reasons);
            case Beginning.Ready(Preparation preparation, List<String> notes) -> {
                try (preparation) {
                    notes.forEach(terminal::error);
                }
                yield ExitStatus.OK;
            }
        };
    }

    private ExitStatus denied(List<Refused> reasons) {
        for (Refused reason : reasons) terminal.error(reason.toString());
        return ExitStatus.FAILED;
    }

    private ExitStatus prepare(Assignment assignment) throws InterruptedException {
        // First, so that a signal in the middle of the beginning still undoes it.
        Signals.handleReport(() -> events.add(Event.REPORT), () -> events.add(Event.STOP));
        return switch (Preparation.begin(assignment, stateDirectory, System.nanoTime())) {
            case Beginning.Denied(List<Refused> reasons) -> denied(reasons);
            case Beginning.Ready(Preparation preparation, List<String> notes) -> {
                RealserverReport report = new RealserverReport(terminal, json, assignment, preparation);
                notes.forEach(terminal::error);
                try (preparation) {
                    try {
                        report.ready();
                        serve(preparation, report);
                        report.end();
                    } finally {
                        preparation.undo().forEach(terminal::error);
                    }
                }
                yield ExitStatus.OK;
            }
        };
    }

    private void serve(Preparation preparation, RealserverReport report) throws InterruptedException {
        long reported = System.nanoTime();
        while (true) {
            Event event = events.poll(TICK_MILLIS, TimeUnit.MILLISECONDS);
            if (event == Event.STOP) return;
            long now = System.nanoTime();
            preparation.tick(now).forEach(terminal::error);
            boolean due = interval > 0 && now - reported >= TimeUnit.SECONDS.toNanos(interval);
            if (event == null && !due) continue;
            reported = now;
            report.running();
        }
    }
}
