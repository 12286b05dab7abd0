package io.evenkeel.health;

import io.evenkeel.linux.Epoll;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.ProbeSocket;
import io.evenkeel.model.Check;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * HTTP_GET: ask for each URL in order, each on a connection of its own; all must answer with an accepted status. One
 * timeout covers them all, so a server that drips cannot hold the probe. Only the head is read, at most
 * {@value #LONGEST_HEAD} bytes of it.
 */
record HttpProbe(Check.Http check) implements Probe {

    static final int LONGEST_HEAD = 4_096;

    @Override
    public ProbeOutcome run(ProbeRun run) {
        String last = "";
        for (Check.Http.Url url : check.urls()) {
            ProbeOutcome outcome = get(url, run);
            if (!(outcome instanceof ProbeOutcome.Passed passed)) return outcome;
            last = passed.evidence();
        }
        String all = check.urls().size() == 1
                ? last
                : "all %d urls, last %s".formatted(check.urls().size(), last);
        return new ProbeOutcome.Passed(all + " in " + run.took(), OptionalInt.empty());
    }

    private ProbeOutcome get(Check.Http.Url url, ProbeRun run) {
        Optional<byte[]> request = HttpRequest.bytes(check, url);
        if (request.isEmpty()) {
            return new ProbeOutcome.Worthless("path or virtualhost holds a character that no request line can carry");
        }
        try (ProbeSocket socket = TargetSocket.open(ProbeSocket.Kind.STREAM, check.target())) {
            return TargetSocket.connect(
                            socket, check.target(), run, check.timing().timeout())
                    .or(() -> send(socket, request.get(), run).map(outcome -> about(url, outcome)))
                    .orElseGet(() -> read(socket, url, run));
        }
    }

    private static Optional<ProbeOutcome> send(ProbeSocket socket, byte[] request, ProbeRun run) {
        int sent = 0;
        while (sent < request.length) {
            int answer = socket.send(request, sent);
            if (answer == -Errno.EAGAIN) {
                if (!run.ready(socket.fd(), Epoll.OUT)) return Optional.of(run.overdue("request not taken"));
            } else if (answer < 0) {
                return Optional.of(Fault.fromTheNetwork(-answer));
            } else {
                sent += answer;
            }
        }
        return Optional.empty();
    }

    private static ProbeOutcome read(ProbeSocket socket, Check.Http.Url url, ProbeRun run) {
        byte[] head = new byte[LONGEST_HEAD];
        int length = 0;
        while (true) {
            int answer = socket.receive(head, length, false);
            if (answer == -Errno.EAGAIN) {
                if (!run.ready(socket.fd(), Epoll.IN)) {
                    return about(
                            url, run.overdue(length == 0 ? "connected, but no response" : "response not complete"));
                }
                continue;
            }
            if (answer < 0) return about(url, Fault.fromTheNetwork(-answer));
            length += answer;
            Optional<ProbeOutcome> judged = HttpJudge.judge(url, head, length, answer == 0);
            if (judged.isPresent()) return judged.get();
        }
    }

    private static ProbeOutcome about(Check.Http.Url url, ProbeOutcome outcome) {
        return outcome instanceof ProbeOutcome.Failed failed
                ? new ProbeOutcome.Failed("GET " + url.path() + ": " + failed.evidence())
                : outcome;
    }
}
