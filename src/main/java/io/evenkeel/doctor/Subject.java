package io.evenkeel.doctor;

/**
 * What a finding is about. A report lists the machine first, then interfaces, then services.
 *
 * @param name of the interface or the service; empty for the machine
 */
public record Subject(Kind kind, String name) {

    public enum Kind {
        MACHINE,
        INTERFACE,
        SERVICE
    }

    public static final Subject MACHINE = new Subject(Kind.MACHINE, "");

    static Subject device(String name) {
        return new Subject(Kind.INTERFACE, name);
    }

    static Subject service(Object key) {
        return new Subject(Kind.SERVICE, key.toString());
    }

    @Override
    public String toString() {
        return switch (kind) {
            case MACHINE -> "this machine";
            case INTERFACE -> "interface " + name;
            case SERVICE -> "service " + name;
        };
    }
}
