package io.evenkeel.cli;

import io.evenkeel.daemon.ProgramVersion;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page evenkeel(8) in man(7) macros, written from the commands themselves. Pure; any thread. */
final class ManualPage {

    private final StringBuilder page = new StringBuilder();

    private ManualPage() {}

    static String of(CommandLine evenkeel) {
        ManualPage manual = new ManualPage();
        manual.head(evenkeel);
        evenkeel.getSubcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(command -> !command.usageMessage().hidden())
                .forEach(manual::command);
        manual.tail();
        return manual.page.toString();
    }

    private void head(CommandLine evenkeel) {
        macro(".TH EVENKEEL 8 \"\" \"evenkeel " + ProgramVersion.text() + "\"");
        macro(".SH NAME");
        text("evenkeel - " + sentence(evenkeel.getCommandSpec().usageMessage().header()));
        macro(".SH SYNOPSIS");
        macro(".B evenkeel");
        macro(".I COMMAND");
        text("[OPTION]... [ARGUMENT]...");
        macro(".SH DESCRIPTION");
        text(
                "Evenkeel reads a keepalived.conf and forwards datagrams and connections to realservers as it says. Answers go"
                        + " to stdout, logs and errors to stderr.");
        macro(".SH COMMANDS");
    }

    private void command(CommandSpec command) {
        macro(".SS " + command.name() + arguments(command));
        text(sentence(command.usageMessage().header()) + " "
                + sentence(command.usageMessage().description()));
        for (PositionalParamSpec parameter : command.positionalParameters()) {
            item(parameter.paramLabel(), parameter);
        }
        for (OptionSpec option : command.options()) {
            if (option.hidden()) continue;
            String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
            item(String.join(", ", option.names()) + value, option);
        }
    }

    private static String arguments(CommandSpec command) {
        return command.positionalParameters().stream()
                .map(p -> p.arity().min() == 0 ? " [" + p.paramLabel() + "]" : " " + p.paramLabel())
                .collect(Collectors.joining());
    }

    private void item(String label, ArgSpec argument) {
        macro(".TP");
        macro(".B " + escape(label));
        text(sentence(argument.description()));
    }

    private void tail() {
        macro(".SH EXIT STATUS");
        for (ExitStatus status : ExitStatus.values()) {
            macro(".TP");
            macro(".B " + status.code());
            text(status.sentence());
        }
        macro(".SH SIGNALS");
        text(
                "A running director reads its configuration again on SIGHUP. On SIGTERM and SIGINT it takes no new work, lets"
                        + " replies pass for at most 5 seconds, and exits 0.");
    }

    private static String sentence(String[] lines) {
        return Arrays.stream(lines).map(String::strip).collect(Collectors.joining(" "));
    }

    private void macro(String line) {
        page.append(line).append('\n');
    }

    /** A line of text: no macro, even if it begins with a dot or an apostrophe. */
    private void text(String line) {
        page.append(line.startsWith(".") || line.startsWith("'") ? "\\&" : "")
                .append(escape(line))
                .append('\n');
    }

    private static String escape(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-");
    }
}
