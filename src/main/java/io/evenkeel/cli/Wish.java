package io.evenkeel.cli;

import io.evenkeel.api.ControlMessage.Intend;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.ServiceKey;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What {@code drain} and {@code ready} have in common: a service, a realserver, and the director to tell. */
final class Wish {
    @Parameters(
            index = "0",
            paramLabel = "VIP:PORT/udp|tcp",
            description = "The virtual service, e.g. 192.0.2.1:53/udp or [2001:db8::1]:53/udp.")
    private String service = "";

    @Parameters(index = "1", paramLabel = "REALSERVER:PORT", description = "The realserver, e.g. 10.0.0.1:53.")
    private String realserver = "";

    @Mixin
    private final RuntimeDirectoryOption where = new RuntimeDirectoryOption();

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec command;

    /** Tells the director and answers the exit code, once every worker has acknowledged the change. */
    int tell(Terminal terminal, OperatorIntent intent) {
        ServiceKey key = ServiceKey.parse(service)
                .orElseThrow(() -> wrong("'" + service + "' is not VIP:PORT/udp or VIP:PORT/tcp"));
        Endpoint endpoint =
                Endpoint.parse(realserver).orElseThrow(() -> wrong("'" + realserver + "' is not REALSERVER:PORT"));
        return Question.ask(terminal, where, new Intend(key, endpoint, intent));
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(command.commandLine(), sentence);
    }
}
