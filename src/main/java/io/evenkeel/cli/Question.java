package io.evenkeel.cli;

import io.evenkeel.api.ControlClient;
import io.evenkeel.api.ControlClient.Answer;
import io.evenkeel.api.ControlMessage.Reply;
import io.evenkeel.api.ControlMessage.Request;
import io.evenkeel.daemon.RuntimeDirectory;
import java.nio.file.Path;

/** Asks the running director and prints what it says: an answer to stdout, a refusal to stderr. */
final class Question {
    private Question() {}

    static int ask(Terminal terminal, RuntimeDirectoryOption where, Request request) {
        Path directory = where.locate(terminal.environment());
        ExitStatus status = switch (ControlClient.ask(RuntimeDirectory.socketIn(directory), request)) {
            case Answer.Replied(Reply reply) -> print(terminal, reply);
            case Answer.NoDirector() -> fail(terminal, ExitStatus.NO_DIRECTOR, "no director runs in " + directory);
            case Answer.Broken(String why) -> fail(terminal, ExitStatus.FAILED, why);
        };
        return status.code();
    }

    private static ExitStatus print(Terminal terminal, Reply reply) {
        return switch (reply.outcome()) {
            case DONE -> {
                terminal.out().print(reply.body());
                yield ExitStatus.OK;
            }
            case REFUSED -> fail(terminal, ExitStatus.FAILED, reply.body().strip());
            case INVALID -> {
                reply.body().strip().lines().forEach(line -> terminal.err().println(Terminal.harmless(line)));
                yield ExitStatus.INVALID_CONFIGURATION;
            }
        };
    }

    private static ExitStatus fail(Terminal terminal, ExitStatus status, String why) {
        terminal.error(why);
        return status;
    }
}
