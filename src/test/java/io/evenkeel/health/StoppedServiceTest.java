package io.evenkeel.health;

import static io.evenkeel.health.Probing.assertFailed;
import static io.evenkeel.health.Probing.assertPassed;
import static io.evenkeel.health.Probing.assertUnproven;
import static io.evenkeel.health.Probing.outcome;
import static io.evenkeel.health.Probing.target;
import static io.evenkeel.health.Probing.timing;

import io.evenkeel.model.Check;
import io.evenkeel.model.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** Scenario S15 for one fault: a process stopped by SIGSTOP. Its kernel still answers: no checker that asks the service itself may pass, and TCP_CHECK says no more than connected. */
class StoppedServiceTest {
    private static final Duration TIMEOUT = Duration.ofMillis(300);

    @Test
    void aStoppedProcessIsNeverProvenAlive() throws Exception {
        try (Probes probes = new Probes();
                OtherProcess service = OtherProcess.service()) {
            String[] ports = service.line().split(" ");
            Check.Target tcp = target(Probing.loopback4(), Integer.parseInt(ports[0]));
            Check.Target udp = target(Probing.loopback4(), Integer.parseInt(ports[1]));
            Check http = new Check.Http(
                    timing(TIMEOUT),
                    tcp,
                    List.of(new Check.Http.Url("/", Optional.empty(), List.of(new Check.Http.StatusRange(200, 299)))),
                    Check.Http.Version.HTTP_1_0);
            Check asking = udp(udp, Optional.of(new Check.ReplyPattern("6162")));
            Check silent = udp(udp, Optional.empty());

            assertPassed(outcome(probes, http), "GET /: status 200 in .*");
            assertPassed(outcome(probes, asking), "reply of 2 bytes in .*");
            assertPassed(outcome(probes, silent), "reply of 2 bytes in .*");

            service.stop();
            assertFailed(outcome(probes, http), "GET /: connected, but no response in 300 ms");
            assertPassed(outcome(probes, new Check.Tcp(timing(TIMEOUT), tcp)), "connected in .*"); // the kernel's doing
            assertFailed(outcome(probes, asking), "no reply in 300 ms");
            ProbeOutcome unproven = outcome(probes, silent);
            assertUnproven(unproven, "silent and no ICMP error in 300 ms; no reply is required");
            assertVerdict(unproven, silent, Verdict.UNKNOWN);

            service.resume();
            assertPassed(outcome(probes, http), "GET /: status 200 in .*");
            ProbeOutcome again = outcome(probes, asking);
            assertPassed(again, "reply of 2 bytes in .*");
            assertVerdict(again, asking, Verdict.UP);
        }
    }

    private static Check udp(Check.Target target, Optional<Check.ReplyPattern> reply) {
        return new Check.Udp(timing(TIMEOUT), target, new Check.HexBytes("6162"), reply, 0, 255);
    }

    private static void assertVerdict(ProbeOutcome outcome, Check check, Verdict verdict) {
        CheckRule.State up = new CheckRule.State(true, true, true, 0, 0, 0);
        CheckRule.State next = CheckRule.step(up, outcome, check.timing(), 0).state();
        Assertions.assertThat(next.up()).isTrue();
        Assertions.assertThat(next.verdict()).isEqualTo(verdict);
    }
}
