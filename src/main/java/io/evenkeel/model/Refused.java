package io.evenkeel.model;

/**
 * The world said no: a value, with what would help.
 *
 * @param what one sentence, e.g. {@code bind 0.0.0.0:53/udp: permission denied}
 * @param remedy what the operator can do
 */
public record Refused(String what, String remedy) {
    @Override
    public String toString() {
        return remedy.isEmpty() ? what : what + " (" + remedy + ")";
    }
}
