package io.evenkeel.doctor;

/**
 * What mends. What stands in a command in capitals the operator has to fill in.
 *
 * @param when empty, or where or under what condition, e.g. {@code on 192.0.2.21}; all there is to say if no command does it
 * @param command a line for a shell; empty if none does it
 */
public record Remedy(String when, String command) {

    static Remedy here(String command) {
        return new Remedy("", command);
    }

    static Remedy words(String words) {
        return new Remedy(words, "");
    }

    @Override
    public String toString() {
        if (when.isEmpty() || command.isEmpty()) return when + command;
        return when + ": " + command;
    }
}
