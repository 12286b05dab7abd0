package io.evenkeel.cli;

import io.evenkeel.api.ControlMessage;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Protocol;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code evenkeel explain}. */
@Command(
        name = "explain",
        header = "Tell where a packet would go, and why.",
        description = "The director answers by its own rules and what it knows of the client; on the kernel plane"
                + " the BPF program itself does. Nothing is sent, no turn is taken, nothing is counted.")
final class ExplainCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "udp|tcp", converter = Words.class, description = "The packet's protocol.")
    private Protocol protocol = Protocol.UDP;

    @Parameters(
            index = "1",
            paramLabel = "SOURCE:PORT",
            description = "Who sends it: the client, e.g. 198.51.100.7:40000; with --reply the realserver.")
    private String source = "";

    @Parameters(
            index = "2",
            paramLabel = "DESTINATION:PORT",
            description =
                    "Whom it is addressed to: the VIP, e.g. 192.0.2.1:53 or [2001:db8::1]:53; with --reply the client.")
    private String destination = "";

    @Option(
            names = "--reply",
            description = "It is a realserver's reply: explain udp --reply REALSERVER:PORT CLIENT:PORT.")
    private boolean reply;

    @Option(names = "--json", description = "As data, described by docs/explain.schema.json.")
    private boolean json;

    @Mixin
    private final RuntimeDirectoryOption where = new RuntimeDirectoryOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    ExplainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        var question = new io.evenkeel.dataplane.Question(protocol, endpoint(source), endpoint(destination), reply);
        question.contradiction().ifPresent(sentence -> {
            throw wrong(sentence);
        });
        return Question.ask(terminal, where, new ControlMessage.Explain(question, json));
    }

    private Endpoint endpoint(String text) {
        return Endpoint.parse(text)
                .orElseThrow(() -> wrong("'" + text + "' is not ADDRESS:PORT, e.g. 192.0.2.1:53 or [2001:db8::1]:53"));
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(command.commandLine(), sentence);
    }

    static final class Words implements ITypeConverter<Protocol> {
        @Override
        public Protocol convert(String word) {
            for (Protocol protocol : Protocol.values()) if (protocol.lower().equals(word)) return protocol;
            throw new TypeConversionException("'" + word + "' is neither udp nor tcp");
        }
    }
}
