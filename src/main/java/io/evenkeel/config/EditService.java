package io.evenkeel.config;

import io.evenkeel.model.IpAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Understands {@code ipvsadm -E …}, which people run from {@code quorum_up} to switch one-packet scheduling on. Options
 * may be bundled ({@code -os rr}), attached ({@code -u192.0.2.1:514}) or long ({@code --udp-service=…}), as popt takes
 * them. Pure; any thread.
 */
sealed interface EditService {

    /** Some other program, or another command of ipvsadm. */
    record Other(boolean ipvsadm) implements EditService {}

    /** ipvsadm itself would refuse it. */
    record Malformed(String why) implements EditService {}

    /**
     * A full replacement of the service's settings: what is not given gets ipvsadm's default.
     *
     * @param udp {@code -u}; {@code -t} otherwise
     * @param address as written, {@code IP:PORT}
     * @param persistenceSeconds {@code -p}; 360 if it has no value
     */
    record Edit(
            boolean udp,
            String address,
            Optional<String> scheduler,
            Optional<String> persistenceSeconds,
            Optional<String> netmask,
            boolean onePacket,
            List<String> flags,
            Optional<String> engine)
            implements EditService {

        /** It names this address and port. */
        boolean names(IpAddress vip, int port) {
            String text = address;
            if (vip.v6() && text.equals(vip.toString())) return port == 0;
            int colon = text.lastIndexOf(':');
            boolean bracketed = text.startsWith("[") && text.indexOf(']') == colon - 1;
            if (!vip.v6() && colon < 0)
                return port == 0 && IpAddress.parse(text).equals(Optional.of(vip));
            if (colon < 0 || vip.v6() != bracketed) return false;
            String host = bracketed ? text.substring(1, colon - 1) : text.substring(0, colon);
            boolean samePort =
                    text.substring(colon + 1).replaceFirst("^0+(?=.)", "").equals(Integer.toString(port));
            return samePort && IpAddress.parse(host).equals(Optional.of(vip));
        }
    }

    /** @param command program and arguments */
    static EditService of(List<String> command) {
        if (command.isEmpty() || !command.getFirst().replaceFirst(".*/", "").equals("ipvsadm")) return new Other(false);
        return new Reader(command.subList(1, command.size())).read();
    }

    /** Reads popt's forms one after another. */
    final class Reader {
        private static final String WITH_VALUE = "tufsMb";
        private static final String DEFAULT_PERSISTENCE = "360";

        private final Deque<String> words;
        private boolean edits;
        private boolean other;
        private boolean udp;
        private Optional<String> address = Optional.empty();
        private Optional<String> scheduler = Optional.empty();
        private Optional<String> persistence = Optional.empty();
        private Optional<String> netmask = Optional.empty();
        private Optional<String> engine = Optional.empty();
        private boolean onePacket;
        private final List<String> flags = new ArrayList<>();
        private String wrong = "";

        Reader(List<String> words) {
            this.words = new ArrayDeque<>(words);
        }

        EditService read() {
            while (!words.isEmpty() && wrong.isEmpty() && !other) {
                String word = words.pop();
                if (word.startsWith("--")) {
                    longOption(word);
                } else if (word.startsWith("-") && word.length() > 1) {
                    bundle(word.substring(1));
                } else {
                    wrong = "unexpected argument " + Clip.of(word);
                }
                if (!edits && !other && wrong.isEmpty()) wrong = "the command -E has to come first";
            }
            if (other) return new Other(true);
            if (wrong.isEmpty() && address.isEmpty()) wrong = "it names no service";
            if (!wrong.isEmpty()) return new Malformed(wrong);
            return new Edit(
                    udp, address.orElseThrow(), scheduler, persistence, netmask, onePacket, List.copyOf(flags), engine);
        }

        private void bundle(String letters) {
            for (int i = 0; i < letters.length(); i++) {
                char letter = letters.charAt(i);
                String rest = letters.substring(i + 1);
                if (WITH_VALUE.indexOf(letter) >= 0) {
                    value("-" + letter, rest.startsWith("=") ? rest.substring(1) : rest);
                    return;
                }
                if (letter == 'p') {
                    persistent(rest.startsWith("=") ? rest.substring(1) : rest);
                    return;
                }
                flag("-" + letter);
            }
        }

        private void longOption(String word) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            String value = equals < 0 ? "" : word.substring(equals + 1);
            switch (name) {
                case "--tcp-service" -> value("-t", value);
                case "--udp-service" -> value("-u", value);
                case "--fwmark-service" -> value("-f", value);
                case "--scheduler" -> value("-s", value);
                case "--netmask" -> value("-M", value);
                case "--sched-flags" -> value("-b", value);
                case "--pe" -> value("--pe", value);
                case "--persistent" -> persistent(value);
                case "--edit-service" -> flag("-E");
                case "--ops" -> flag("-o");
                case "--ipv6" -> flag("-6");
                default -> flag(name);
            }
        }

        private void flag(String option) {
            switch (option) {
                case "-E" -> edits = true;
                case "-o" -> onePacket = true;
                case "-A", "-D", "-C", "-L", "-l", "-a", "-e", "-d", "-Z", "-R", "-S", "-h", "-v" -> other = true;
                default -> wrong = "unknown option " + Clip.of(option);
            }
        }

        /** Its value is optional, also as the next word. */
        private void persistent(String attached) {
            String value = attached;
            if (value.isEmpty() && !words.isEmpty() && !words.peek().startsWith("-")) value = words.pop();
            persistence = Optional.of(value.isEmpty() ? DEFAULT_PERSISTENCE : value);
        }

        private void value(String option, String attached) {
            if (attached.isEmpty() && words.isEmpty()) {
                wrong = option + " lacks its value";
                return;
            }
            String value = attached.isEmpty() ? words.pop() : attached;
            switch (option) {
                case "-t", "-u" -> {
                    if (address.isPresent()) wrong = "it names two services";
                    address = Optional.of(value);
                    udp = option.equals("-u");
                }
                case "-f" -> other = true;
                case "-s" -> scheduler = Optional.of(value);
                case "-M" -> netmask = Optional.of(value);
                case "-b" -> flags.addAll(List.of(value.split(",")));
                case "--pe" -> engine = Optional.of(value);
                default -> throw new AssertionError(option);
            }
        }
    }
}
