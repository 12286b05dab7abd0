import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Measures the socket plane beside its peers: rows of traffic, each balancer in turn within a round, some rounds.
 * Started by {@code run}, which has compiled the tools. Progress goes to stderr, the tables in markdown to stdout and
 * out/results.md, every single measurement to out/results.tsv. Targets are printed beside the figures; none is
 * asserted.
 */
final class Bench {
    private static final int USAGE = 64;
    private static final int FAILED = 1;

    private static final String HELP = """
            usage: bench/socket/run [--quick] [--row NAME]... [--without BALANCER]... [--rounds N] [--seconds N]
                                    [--warm N] [--workers N]

              --quick             one round of one second: does the harness work? Figures mean nothing.
              --row NAME          only this row; may be repeated
              --without BALANCER  leave out evenkeel, nginx or plain-c; may be repeated
              --rounds N          interleaved rounds, 1 to 99 (3)
              --seconds N         measured seconds of each trial, 1 to 600 (5)
              --warm N            seconds of the same traffic before them, 1 to 600 (3)
              --workers N         workers of each peer, 1 to 64 (one per processor, as Evenkeel takes)

            rows:
            %s
            """;

    private final Site site;
    private final Options options;
    private final List<Results> all = new ArrayList<>();

    private Bench(Site site, Options options) {
        this.site = site;
        this.options = options;
    }

    /** What the command line asks for. */
    private record Options(
            List<Row> rows, List<Class<? extends Balancer>> without, int rounds, int seconds, int warm, int workers) {
        static Options parse(List<String> arguments) {
            List<Row> rows = new ArrayList<>();
            List<Class<? extends Balancer>> without = new ArrayList<>();
            boolean quick = arguments.contains("--quick");
            int rounds = quick ? 1 : 3;
            int seconds = quick ? 1 : 5;
            int warm = quick ? 1 : 3;
            int workers = Runtime.getRuntime().availableProcessors();
            for (int i = 0; i < arguments.size(); i++) {
                switch (arguments.get(i)) {
                    case "--quick" -> {}
                    case "--row" -> rows.add(rowNamed(valueAfter(arguments, i++)));
                    case "--without" -> without.add(balancerNamed(valueAfter(arguments, i++)));
                    case "--rounds" -> rounds = number(valueAfter(arguments, i++), 99);
                    case "--seconds" -> seconds = number(valueAfter(arguments, i++), 600);
                    case "--warm" -> warm = number(valueAfter(arguments, i++), 600);
                    case "--workers" -> workers = number(valueAfter(arguments, i++), 64);
                    default -> throw new IllegalArgumentException("unknown option " + arguments.get(i));
                }
            }
            return new Options(rows.isEmpty() ? Row.all() : rows, without, rounds, seconds, warm, workers);
        }

        private static String valueAfter(List<String> arguments, int i) {
            if (i + 1 == arguments.size()) {
                throw new IllegalArgumentException(arguments.get(i) + " needs a value");
            }
            return arguments.get(i + 1);
        }

        private static int number(String text, int most) {
            int number = text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : 0;
            if (number < 1 || number > most) {
                throw new IllegalArgumentException("'" + text + "' is not a number from 1 to " + most);
            }
            return number;
        }

        private static Row rowNamed(String name) {
            return Row.all().stream()
                    .filter(row -> row.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no row is named '" + name + "'"));
        }

        private static Class<? extends Balancer> balancerNamed(String name) {
            return switch (name) {
                case "evenkeel" -> Evenkeel.class;
                case "nginx" -> Balancer.Nginx.class;
                case "plain-c" -> Balancer.PlainC.class;
                default -> throw new IllegalArgumentException("no balancer is named '" + name + "'");
            };
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Locale.setDefault(Locale.ROOT);
        Path here = Path.of(arguments[0]);
        List<String> asked = Arrays.asList(arguments).subList(1, arguments.length);
        if (asked.contains("--help")) {
            System.out.print(help());
            return;
        }
        Options options;
        try {
            options = Options.parse(asked);
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage());
            System.err.print(help());
            System.exit(USAGE);
            return;
        }
        Site site = new Site(here.getParent().getParent(), here.resolve("out"), options.workers, new Children());
        System.exit(new Bench(site, options).run());
    }

    private static String help() {
        return HELP.formatted(Row.all().stream()
                .map(row -> "  %-20s%s".formatted(row.name(), row.title()))
                .collect(Collectors.joining("\n")));
    }

    private int run() throws IOException, InterruptedException {
        List<String> notes = new ArrayList<>();
        List<Class<? extends Balancer>> without = new ArrayList<>(options.without);
        if (!without.contains(Evenkeel.class)) {
            Evenkeel.unavailable(site.repository()).ifPresent(why -> {
                notes.add("Evenkeel was not measured: " + why + ".");
                without.add(Evenkeel.class);
            });
        }
        Files.deleteIfExists(rawResults());
        for (Row row : options.rows) {
            Results results = new Results(row);
            all.add(results);
            measure(results, without);
            System.err.println("\n" + Report.row(results));
        }
        String report = report(notes);
        Files.writeString(site.out().resolve("results.md"), report);
        System.out.print(report);
        return all.stream().allMatch(results -> results.troubles().isEmpty()) ? 0 : FAILED;
    }

    /** Rounds are interleaved, and each begins with another balancer: a slow minute of the machine meets all alike. */
    private void measure(Results results, List<Class<? extends Balancer>> without)
            throws IOException, InterruptedException {
        Row row = results.row();
        List<Balancer> order = new ArrayList<>(row.balancers());
        order.removeIf(balancer -> without.contains(balancer.getClass()));
        for (int round = 1; round <= options.rounds; round++) {
            for (Balancer balancer : order) {
                measureOnce(results, balancer, round);
            }
            Collections.rotate(order, -1);
        }
    }

    private void measureOnce(Results results, Balancer balancer, int round) throws IOException, InterruptedException {
        Row row = results.row();
        String name = plainName(balancer);
        System.err.printf("%s, round %d of %d: %s ... ", row.name(), round, options.rounds, name);
        Path work = site.out().resolve("work").resolve("%s-%s-%d".formatted(row.name(), name, round));
        deleteTree(work);
        try {
            Trial.Measurement measurement = new Trial(site, row, balancer, work).run(options.warm, options.seconds);
            results.add(balancer, round, measurement);
            writeRaw(row, name, round, measurement);
            System.err.printf(
                    "%,.1f %s, %,.2f %s%n", measurement.rate(), row.unit().rate, measurement.cost(), row.unit().cost);
        } catch (IOException | IllegalArgumentException e) {
            if (site.children().stopping()) {
                Thread.sleep(60_000); // the shutdown hook ends this process before that
            }
            results.troubles().add("%s, round %d: %s".formatted(balancer.title(), round, e.getMessage()));
            System.err.println(e.getMessage());
        }
    }

    private static String plainName(Balancer balancer) {
        return balancer.title()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z ]", "")
                .replace(' ', '-');
    }

    private Path rawResults() {
        return site.out().resolve("results.tsv");
    }

    private void writeRaw(Row row, String balancer, int round, Trial.Measurement m) throws IOException {
        String head = Files.exists(rawResults())
                ? ""
                : "row\tbalancer\tround\trate\tcost\toffered\tamount\tsplit\tqueue_drops\tsink_drops\timbalance\tp50_us"
                        + "\tp99_us\tothers_share\n";
        String line = "%s\t%s\t%d\t%.3f\t%.4f\t%.0f\t%.0f\t%s\t%d\t%d\t%s\t%.1f\t%.1f\t%.4f%n"
                .formatted(
                        row.name(),
                        balancer,
                        round,
                        m.rate(),
                        m.cost(),
                        m.offered(),
                        m.amount(),
                        Arrays.toString(m.split()),
                        m.queueDrops(),
                        m.sinkDrops(),
                        m.imbalance().map(String::valueOf).orElse("-"),
                        m.p50Micros(),
                        m.p99Micros(),
                        m.foreignShare());
        Files.writeString(rawResults(), head + line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private String report(List<String> notes) throws IOException {
        StringBuilder text = new StringBuilder(machine()).append('\n');
        for (String note : notes) {
            text.append(note).append("\n\n");
        }
        text.append("## First targets\n\n").append(Report.targets(all)).append("\n## Rows\n\n");
        all.forEach(results -> text.append(Report.row(results)));
        return text.toString().stripTrailing() + "\n";
    }

    private String machine() throws IOException {
        return """
                %s; %d processors (%s), shared by generator, balancer and sink; Linux %s; JDK %s; %s;
                workers of each peer: %d.
                %d interleaved round%s of %d s after %d s of warming up; figures are medians, extremes in brackets.
                """.formatted(
                        LocalDate.now(ZoneOffset.UTC),
                        Runtime.getRuntime().availableProcessors(),
                        Proc.processorModel(),
                        System.getProperty("os.version"),
                        System.getProperty("java.version"),
                        nginxVersion(),
                        options.workers,
                        options.rounds,
                        options.rounds == 1 ? "" : "s",
                        options.seconds,
                        options.warm);
    }

    private static String nginxVersion() throws IOException {
        Process nginx =
                new ProcessBuilder("nginx", "-v").redirectErrorStream(true).start();
        try (var output = nginx.inputReader()) {
            return output.readLine().replace("nginx version: ", "").replace('/', ' ');
        }
    }

    private static void deleteTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (var paths = Files.walk(root)) {
            for (Path path : paths.sorted(Collections.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
