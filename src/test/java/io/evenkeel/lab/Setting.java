package io.evenkeel.lab;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a scenario runs: on which plane, on which rig. Scenario tests take their settings from {@link #all}, so that
 * another plane runs the same classes: -Dscenario.planes=socket,kernel.
 */
public record Setting(String plane, Kind kind) {
    private static final String KERNEL = "kernel";

    /** The two rigs. */
    public enum Kind {
        /** One machine, 127.0.0.0/8 or ::1; no privilege. */
        LOOPBACK("loopback"),
        /** Client, director and realservers are network namespaces. */
        LAB("lab");

        private final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    /** Every plane on every rig. */
    public static Stream<Setting> all() {
        List<Setting> settings = new ArrayList<>();
        for (String plane : System.getProperty("scenario.planes", "socket").split(",")) {
            for (Kind kind : Kind.values()) settings.add(new Setting(plane, kind));
        }
        return settings.stream();
    }

    /** As {@link #all}, and the kernel plane in the lab: for what that plane can do already. */
    public static Stream<Setting> alsoKernel() {
        return Stream.concat(all(), kernel());
    }

    /** Every plane in the lab: for what loopback cannot show. */
    public static Stream<Setting> lab() {
        return all().filter(setting -> setting.kind == Kind.LAB);
    }

    /** As {@link #lab}, and the kernel plane there. */
    public static Stream<Setting> labAlsoKernel() {
        return Stream.concat(lab(), kernel());
    }

    /** The kernel plane in the lab alone. */
    public static Stream<Setting> kernel() {
        return Stream.of(new Setting(KERNEL, Kind.LAB));
    }

    /** The plane keeps the client's address, forwards in the kernel, and knows no sockets. */
    public boolean inKernel() {
        return plane.equals(KERNEL);
    }

    public String rig() {
        return kind.word;
    }

    /** Builds the rig; skips the test if this machine cannot. */
    public Rig open(Layout layout) throws IOException {
        return switch (kind) {
            case LOOPBACK -> new LoopbackRig(plane, layout);
            case LAB -> new LabRig(plane, layout);
        };
    }

    @Override
    public String toString() {
        return plane + ", " + rig();
    }
}
