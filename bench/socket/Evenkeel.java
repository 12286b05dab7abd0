import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** This project's socket plane, started as a user starts it, and asked through {@code status --json}. */
record Evenkeel() implements Balancer {
    /** A word of its own: "already in use" is something else. */
    private static final Pattern READY = Pattern.compile("\\bready\\b");

    private static final long START_SECONDS = 30;
    private static final long BUILD_MINUTES = 10;
    private static final long STATUS_SECONDS = 10;

    /** Why it cannot be measured here, if so; builds it when it is not built yet, which must not fall into a run. */
    static Optional<String> unavailable(Path repository) throws IOException, InterruptedException {
        Path launcher = launcher(repository);
        if (!Files.isExecutable(launcher)) {
            return Optional.of("there is no launcher ./evenkeel in this checkout");
        }
        Process version = new ProcessBuilder(launcher.toString(), "version")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!version.waitFor(BUILD_MINUTES, TimeUnit.MINUTES)) {
            version.destroy();
            return Optional.of("./evenkeel version did not end within " + BUILD_MINUTES + " minutes");
        }
        return version.exitValue() == 0
                ? Optional.empty()
                : Optional.of("./evenkeel version ended with exit code " + version.exitValue());
    }

    private static Path launcher(Path repository) {
        return repository.resolve("evenkeel");
    }

    @Override
    public String title() {
        return "**Evenkeel**";
    }

    @Override
    public boolean dealsExactly() {
        return true;
    }

    @Override
    public Running start(Site site, Service service, Path work) throws IOException, InterruptedException {
        Path launcher = launcher(site.repository());
        Path runtime = work.resolve("runtime");
        Path configuration = work.resolve("evenkeel.conf");
        Path log = work.resolve("evenkeel.log");
        Files.writeString(configuration, configuration(service));
        List<String> command = List.of(
                launcher.toString(),
                "run",
                configuration.toString(),
                "--plane",
                "socket",
                "--runtime-dir",
                runtime.toString());
        Children.Child director = site.children().startBalancer(command, work, log);
        director.await("ready", START_SECONDS, () -> saysReady(log));
        return new Running(Site.vip(), Optional.of(director), () -> Optional.of(account(launcher, runtime)));
    }

    private static boolean saysReady(Path log) {
        try {
            return READY.matcher(Files.readString(log)).find();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** No checkers: a realserver of unknown health is served, and probes would only disturb. */
    private static String configuration(Service service) {
        String replies = switch (service) {
            case ONE_WAY -> "ops\n    responses 0";
            case TWO_WAY -> "ops\n    responses 1";
            case TCP -> "";
        };
        return """
                virtual_server %s {
                    lb_algo rr
                    lb_kind NAT
                    protocol %s
                    client_address director
                    %s
                %s
                }
                """.formatted(
                        Site.vip().replace(':', ' '),
                        service == Service.TCP ? "TCP" : "UDP",
                        replies,
                        Site.eachRealserver("    real_server %s %d { weight 1 }"));
    }

    private static Running.Account account(Path launcher, Path runtime) throws IOException, InterruptedException {
        Process status = new ProcessBuilder(
                        launcher.toString(), "status", "--json", "--runtime-dir", runtime.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String text = new String(status.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!status.waitFor(STATUS_SECONDS, TimeUnit.SECONDS) || status.exitValue() != 0) {
            status.destroy();
            throw new IOException("evenkeel status --json failed");
        }
        Json.Document document = Json.parse(text);
        Json.Document service = document.objects("services").getFirst();
        long[] forwarded = service.objects("realservers").stream()
                .mapToLong(realserver -> realserver.integer("forwarded"))
                .toArray();
        Json.Document totals = document.object("totals");
        return new Running.Account(forwarded, totals.object("drops").sum(), totals.integer("imbalance"));
    }
}
