package io.evenkeel.lab;

/**
 * One number that a scenario measured, beside what it must be.
 *
 * @param bound for a person: {@code = 30000}, {@code <= 1800}; empty for a mere note
 * @param holds whether it is within the bound
 */
public record Figure(String name, String measured, String bound, boolean holds) {

    @Override
    public String toString() {
        return bound.isEmpty() ? name + " " + measured : name + " " + measured + " (" + bound + ")";
    }
}
