package io.evenkeel.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code evenkeel}: finds the subcommand, runs it, turns what happened into an exit status. */
@Command(
        name = "evenkeel",
        header = "A layer-4 load balancer that spreads every datagram and accounts for every packet.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "'evenkeel help COMMAND' tells more; 'evenkeel help --man' prints the manual page."})
public final class Main implements Runnable {

    /** In the order of the help. Each is made only when it is needed: reflection over all of them costs start-up time. */
    private static final Map<String, Function<Terminal, Object>> COMMANDS = new LinkedHashMap<>();

    static {
        COMMANDS.put("run", RunCommand::new);
        COMMANDS.put("check", CheckCommand::new);
        COMMANDS.put("doctor", DoctorCommand::new);
        COMMANDS.put("status", StatusCommand::new);
        COMMANDS.put("explain", ExplainCommand::new);
        COMMANDS.put("drain", DrainCommand::new);
        COMMANDS.put("ready", ReadyCommand::new);
        COMMANDS.put("reload", ReloadCommand::new);
        COMMANDS.put("leave", LeaveCommand::new);
        COMMANDS.put("detach", DetachCommand::new);
        COMMANDS.put("realserver", RealserverCommand::new);
        COMMANDS.put("demo", DemoCommand::new);
        COMMANDS.put("version", VersionCommand::new);
        COMMANDS.put("completion", CompletionCommand::new);
        COMMANDS.put("help", HelpCommand::new);
        COMMANDS.put("train", TrainCommand::new);
    }

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    private Main() {}

    public static void main(String[] args) {
        Terminal terminal = Terminal.ofProcess();
        int code;
        try {
            code = execute(terminal, args);
        } catch (Throwable bug) {
            code = internal(terminal, bug);
        }
        terminal.out().flush();
        terminal.err().flush();
        // Threads of a library must not keep a finished command alive.
        System.exit(code);
    }

    /** Runs one command; answers its exit code. */
    static int execute(Terminal terminal, String... args) {
        boolean known = args.length > 0 && COMMANDS.containsKey(args[0]) && !args[0].equals("help");
        return (known ? commandLine(terminal, args[0]) : commandLine(terminal)).execute(args);
    }

    /** The whole command line with every command. */
    static CommandLine commandLine(Terminal terminal) {
        return commandLine(terminal, COMMANDS.keySet().toArray(String[]::new));
    }

    private static CommandLine commandLine(Terminal terminal, String... names) {
        CommandLine line = new CommandLine(new Main());
        for (String name : names) {
            Function<Terminal, Object> command = COMMANDS.get(name);
            if (command != null) line.addSubcommand(name, command.apply(terminal));
        }
        return line.setExpandAtFiles(false)
                .setUsageHelpWidth(terminal.columns(80, 120))
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
                .setParameterExceptionHandler((wrong, _) -> usage(terminal, wrong))
                .setExecutionExceptionHandler((bug, _, _) -> internal(terminal, bug));
    }

    /** In every command. picocli itself acts on it. */
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Print this help.")
    void help(boolean asked) {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    private static int usage(Terminal terminal, ParameterException wrong) {
        CommandLine at = wrong.getCommandLine();
        terminal.error(sentence(wrong) + suggestion(wrong));
        terminal.error("see '" + at.getCommandSpec().qualifiedName() + " --help'");
        return ExitStatus.USAGE.code();
    }

    private static String sentence(ParameterException wrong) {
        boolean top = wrong.getCommandLine().getParent() == null;
        if (top && wrong instanceof UnmatchedArgumentException unmatched) {
            String first = unmatched.getUnmatched().getFirst();
            if (!first.startsWith("-")) return "there is no command '" + first + "'";
        }
        return lowerFirst(String.valueOf(wrong.getMessage()));
    }

    private static String suggestion(ParameterException wrong) {
        if (!(wrong instanceof UnmatchedArgumentException unmatched)) return "";
        return unmatched.getSuggestions().stream()
                .findFirst()
                .map(word -> "; did you mean '" + word + "'?")
                .orElse("");
    }

    private static int internal(Terminal terminal, Throwable bug) {
        StackTraceElement[] trace = bug.getStackTrace();
        String where = trace.length == 0 ? "" : " at " + trace[0];
        terminal.error("internal error, please report it: " + bug + where);
        return ExitStatus.INTERNAL.code();
    }

    /** picocli's sentences begin with a capital; ours follow a colon. */
    private static String lowerFirst(String sentence) {
        return sentence.isEmpty()
                ? sentence
                : sentence.substring(0, 1).toLowerCase(Locale.ROOT) + sentence.substring(1);
    }
}
