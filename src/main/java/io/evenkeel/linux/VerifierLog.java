package io.evenkeel.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Finds in what libbpf and the kernel's verifier said the few lines that tell why a program was refused. Pure; any thread.
 *
 * <p>A log names source lines ({@code ; text}), instructions ({@code 12: (71) r0 = *(u8 *)(r1 +0)}) and register states in
 * the order of the walk, then the complaint, then a line of statistics. What tells is the complaint, the instruction and
 * the source line before it.
 */
final class VerifierLog {
    private VerifierLog() {}

    /** Complaint lines shown at most. */
    private static final int MOST_LINES = 6;

    static final String BEGIN = "-- BEGIN PROG LOAD LOG --";
    private static final String END = "-- END PROG LOAD LOG --";
    private static final Pattern INSTRUCTION = Pattern.compile("\\d+: \\([0-9a-f]{2}\\) .*");
    private static final Pattern SOURCE = Pattern.compile("; \\S.*");
    private static final Pattern NOISE = Pattern.compile(
            "processed \\d+ insns.*|verification time .*|stack depth .*|\\d+: R\\d+.*|from \\d+ to \\d+.*|func#\\d+ .*|;?|"
                    + "(mark_precise|regs=|parent ).*|\\d+: ; .*");

    /** At most eight lines, without line ends; empty if the text has none. */
    static List<String> tellingLines(String text) {
        int begin = text.lastIndexOf(BEGIN);
        if (begin < 0) return last(clean(text.lines().toList()));
        int end = text.indexOf(END, begin);
        List<String> lines = text.substring(begin + BEGIN.length(), end < 0 ? text.length() : end)
                .lines()
                .toList();
        return complaint(lines);
    }

    private static List<String> complaint(List<String> lines) {
        List<String> complaint = new ArrayList<>();
        String instruction = "";
        String source = "";
        for (String line : lines) {
            String bare = line.strip();
            if (INSTRUCTION.matcher(bare).matches()) {
                instruction = withoutState(bare);
                complaint.clear();
            } else if (SOURCE.matcher(bare).matches()) {
                source = bare;
                instruction = "";
            } else if (!NOISE.matcher(bare).matches()) {
                complaint.add(bare);
            }
        }
        List<String> telling = new ArrayList<>();
        if (!source.isEmpty()) telling.add(source);
        if (!instruction.isEmpty()) telling.add(instruction);
        telling.addAll(last(complaint));
        return telling;
    }

    /** An instruction without the registers that newer kernels print behind it. */
    private static String withoutState(String instruction) {
        int state = instruction.indexOf(" ; R");
        return (state < 0 ? instruction : instruction.substring(0, state)).stripTrailing();
    }

    private static List<String> clean(List<String> lines) {
        return lines.stream()
                .map(line -> line.startsWith("libbpf: ") ? line.substring("libbpf: ".length()) : line)
                .filter(line -> !line.isBlank())
                .toList();
    }

    private static List<String> last(List<String> lines) {
        return lines.subList(Math.max(0, lines.size() - MOST_LINES), lines.size());
    }
}
