package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.SyscallException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Measures the kernel plane's program on single packets, by test runs. Started by {@code run}, which has compiled all and
 * keeps this process on one CPU, in a network namespace of its own. Progress goes to stderr, the tables in markdown to
 * stdout and out/results.md, every round to out/results.tsv. Targets are printed beside the figures; none is asserted.
 */
public final class Bench {
    private static final int USAGE = 64;
    private static final int FAILED = 1;

    /** As the plane's own, but with room for half a million flows at a quarter of the places. */
    private static final MapSizes SIZES = new MapSizes(1_024, 16_384, 1_048_576, 2_097_152, 262_144);

    private static final String HELP = """
            usage: bench/kernel/run [quick] [--row NAME]... [--rounds N] [--runs N] [--no-live]

              quick        5 rounds of 100,000 runs, and short live rounds: figures are rough
              --row NAME   only this row, and no live rounds; may be repeated
              --rounds N   interleaved rounds, 1 to 999 (21)
              --runs N     of each program in a round, 1000 to 10000000 (500000)
              --no-live    leave out the live rounds
            """;

    private Bench() {}

    /** What the command line asks for. */
    private record Options(List<String> rows, int rounds, int runs, boolean live, boolean quick) {
        static Options parse(List<String> arguments) {
            boolean quick = arguments.contains("quick") || arguments.contains("--quick");
            List<String> rows = new ArrayList<>();
            int rounds = quick ? 5 : 21;
            int runs = quick ? 100_000 : 500_000;
            boolean live = true;
            for (int i = 0; i < arguments.size(); i++) {
                switch (arguments.get(i)) {
                    case "quick", "--quick" -> {}
                    case "--no-live" -> live = false;
                    case "--row" -> rows.add(valueAfter(arguments, i++));
                    case "--rounds" -> rounds = number(valueAfter(arguments, i++), 1, 999);
                    case "--runs" -> runs = number(valueAfter(arguments, i++), 1_000, 10_000_000);
                    default -> throw new IllegalArgumentException("unknown option " + arguments.get(i));
                }
            }
            return new Options(rows, rounds, runs, live && rows.isEmpty(), quick);
        }

        private static String valueAfter(List<String> arguments, int i) {
            if (i + 1 == arguments.size()) throw new IllegalArgumentException(arguments.get(i) + " needs a value");
            return arguments.get(i + 1);
        }

        private static int number(String text, int least, int most) {
            int number = text.matches("[0-9]{1,8}") ? Integer.parseInt(text) : -1;
            if (number < least || number > most) {
                throw new IllegalArgumentException("'%s' is not a number from %d to %d".formatted(text, least, most));
            }
            return number;
        }
    }

    public static void main(String[] arguments) throws Exception {
        Locale.setDefault(Locale.ROOT);
        Path out = Path.of(arguments[0]).resolve("out");
        List<String> asked = Arrays.asList(arguments).subList(1, arguments.length);
        try {
            if (asked.contains("--help")) {
                System.out.print(HELP);
                return;
            }
            System.exit(run(out, Options.parse(asked)));
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage());
            System.err.print(HELP);
            System.exit(USAGE);
        } catch (BpfException | SyscallException | IllegalStateException e) {
            System.err.println("bench: " + e.getMessage());
            System.exit(FAILED);
        }
    }

    private static int run(Path out, Options options) throws Exception {
        String before = load();
        List<Measured> all = new ArrayList<>();
        int code;
        try (Wrapper wrapper = Wrapper.load(out, SIZES)) {
            Tables tables = new Tables(wrapper.object());
            tables.takesPart(Tables.HERE, Packet.DIRECTOR_MAC);
            List<Row> rows = wanted(Rows.all(tables), options.rows);
            tables.commit();
            for (Row row : rows) {
                System.err.printf("%-14s ", row.name());
                Measured measured = new Trial(wrapper, tables, row).run(options.rounds, options.runs);
                all.add(measured);
                System.err.printf(
                        "%6.1f ns %6.2f × %s%s%n",
                        measured.median(Measured.Round::cost),
                        measured.median(Measured.Round::figure),
                        measured.proof,
                        measured.proved ? "" : ": VOID");
            }
            code = wrapper.codeBytes();
        }
        String live = "";
        if (options.live) {
            try (Live rows = new Live(out)) {
                Thread remove = new Thread(rows::removeNamespaces);
                Runtime.getRuntime().addShutdownHook(remove);
                rows.run(options.quick ? 2 : 7, options.quick ? 300_000 : 1_000_000);
                live = "\n" + rows.table();
            }
        }
        String head = """
                %s; one processor (%s) of a shared machine; Linux %s; load average %s before, %s after.
                %d rounds of %,d runs, medians, extremes in brackets. Machine code of the program: %,d octets.
                """.formatted(
                        Instant.now().truncatedTo(ChronoUnit.MINUTES),
                        processor(),
                        System.getProperty("os.version"),
                        before,
                        load(),
                        options.rounds,
                        options.runs,
                        code);
        String text = head + "\n" + Report.table(all) + "\n" + Report.machine(all) + live;
        Files.writeString(out.resolve("results.md"), text);
        Files.writeString(out.resolve("results.tsv"), raw(all));
        System.out.print(text);
        return all.stream().allMatch(measured -> measured.proved) ? 0 : FAILED;
    }

    private static List<Row> wanted(List<Row> all, List<String> names) {
        for (String name : names) {
            if (all.stream().noneMatch(row -> row.name().equals(name))) {
                throw new IllegalArgumentException("no row is named '" + name + "'; there are "
                        + all.stream().map(Row::name).collect(Collectors.joining(", ")));
            }
        }
        return names.isEmpty()
                ? all
                : all.stream().filter(row -> names.contains(row.name())).toList();
    }

    private static String raw(List<Measured> all) {
        StringBuilder text = new StringBuilder("row\tround\ttrivial\tempty\tgrown\tread\tread_in_turn\tours\n");
        for (Measured measured : all) {
            int number = 0;
            for (Measured.Round round : measured.rounds) {
                text.append("%s\t%d\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%.2f%n"
                        .formatted(
                                measured.row.name(),
                                ++number,
                                round.trivial(),
                                round.empty(),
                                round.grown(),
                                round.read(),
                                round.readInTurn(),
                                round.ours()));
            }
        }
        return text.toString();
    }

    /** Of one, five and fifteen minutes. */
    private static String load() throws IOException {
        String[] words = Files.readString(Path.of("/proc/loadavg")).split(" ");
        return words[0] + " " + words[1] + " " + words[2];
    }

    private static String processor() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("unknown");
        }
    }
}
