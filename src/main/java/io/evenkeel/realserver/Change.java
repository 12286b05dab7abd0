package io.evenkeel.realserver;

import io.evenkeel.model.IpAddress;
import java.util.List;
import java.util.Optional;

/** One thing that we change on the machine, with what undoing it takes. Immutable values; a line of the ledger each. */
sealed interface Change {

    /**
     * A setting of the kernel.
     *
     * @param key its path below /proc/sys
     * @param before what it was
     * @param value what we set
     */
    record SysctlSet(String key, String before, String value) implements Change {
        @Override
        public boolean inForce(Facts facts) {
            return value.equals(facts.sysctls().get(key));
        }

        @Override
        public String subject() {
            return key;
        }

        @Override
        public String line() {
            return "sysctl " + key + " " + before + " " + value;
        }

        @Override
        public String command() {
            return "sysctl -w " + key + "=" + value;
        }

        @Override
        public String undoCommand() {
            return "sysctl -w " + key + "=" + before;
        }
    }

    /** A VIP on the loopback interface. */
    record VipAdded(IpAddress vip) implements Change {
        @Override
        public boolean inForce(Facts facts) {
            return facts.onLoopback(vip);
        }

        @Override
        public String subject() {
            return vip.toString();
        }

        @Override
        public String line() {
            return "vip " + vip;
        }

        @Override
        public String command() {
            return "ip addr add " + words() + (vip.v6() ? " nodad preferred_lft 0" : " scope host");
        }

        @Override
        public String undoCommand() {
            return "ip addr del " + words();
        }

        private String words() {
            return vip + (vip.v6() ? "/128" : "/32") + " dev lo";
        }
    }

    /** A TC filter on a kernel without tcx, which does not leave with its process. */
    record FilterAdded(String device) implements Change {
        @Override
        public boolean inForce(Facts facts) {
            return facts.links().stream().anyMatch(link -> link.name().equals(device));
        }

        @Override
        public String subject() {
            return device;
        }

        @Override
        public String line() {
            return "filter " + device;
        }

        @Override
        public String command() {
            return "# a TC filter on " + device;
        }

        @Override
        public String undoCommand() {
            return "tc filter del dev " + device + " ingress pref 69";
        }
    }

    /** Whether the machine is as if we had just done it. */
    boolean inForce(Facts facts);

    /** What it is about; two changes of one kind with one subject exclude each other. */
    String subject();

    /** For the ledger. */
    String line();

    /** What a person would type. */
    String command();

    String undoCommand();

    /** From a line of a ledger; empty if it is none. */
    static Optional<Change> parse(String line) {
        List<String> words = List.of(line.split(" ", -1));
        return switch (words.getFirst()) {
            case "sysctl" -> words.size() == 4 ? sysctl(words) : Optional.empty();
            case "vip" -> words.size() == 2 ? IpAddress.parse(words.get(1)).map(VipAdded::new) : Optional.empty();
            case "filter" -> words.size() == 2 ? Optional.of(new FilterAdded(words.get(1))) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Optional<Change> sysctl(List<String> words) {
        String key = words.get(1);
        boolean plain = Sysctls.OURS.matcher(key).matches();
        boolean numbers = words.get(2).matches("-?[0-9]{1,9}") && words.get(3).matches("-?[0-9]{1,9}");
        return plain && numbers ? Optional.of(new SysctlSet(key, words.get(2), words.get(3))) : Optional.empty();
    }
}
