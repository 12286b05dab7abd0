package io.evenkeel.health;

import io.evenkeel.model.Check;
import java.util.OptionalInt;

/**
 * What a MISC_CHECK's end means, as keepalived reads it: status 0 passes; with misc_dynamic 2..255 pass too and ask for
 * weight status − 2; everything else, and any end by a signal, fails. Pure; any thread.
 */
final class ExitRule {
    private ExitRule() {}

    /**
     * @param status as waitpid(2) gives it
     * @param lastLine of the program's output, may be empty
     */
    static ProbeOutcome outcome(Check.Misc check, int status, String lastLine, String took) {
        String said = lastLine.isEmpty() ? "" : ": " + lastLine;
        int signal = status & 0x7f;
        if (signal != 0) return new ProbeOutcome.Failed("killed by signal " + signal + " after " + took + said);
        int code = status >> 8 & 0xff;
        String evidence = "exit status " + code + " after " + took;
        if (code == 0) return new ProbeOutcome.Passed(evidence + said, OptionalInt.empty());
        if (code == 1 || !check.dynamic()) return new ProbeOutcome.Failed(evidence + said);
        int weight = code - 2;
        return new ProbeOutcome.Passed(evidence + ", weight " + weight + said, OptionalInt.of(weight));
    }
}
