package io.evenkeel.lab;

import io.evenkeel.traffic.Audit;
import java.util.ArrayList;
import java.util.List;

/** What one attempt at a scenario measured. One thread. */
public final class Figures {
    private final List<Figure> figures = new ArrayList<>();
    private String voidReason = "";
    private long stallMillis = Measurements.STALL_MILLIS;

    /** A stall of the machine this long already excuses a missed bound: for bounds of a few milliseconds. */
    public void sensitiveToStallsOf(long millis) {
        stallMillis = millis;
    }

    long stallMillis() {
        return stallMillis;
    }

    public void exactly(String name, long expected, long measured) {
        figures.add(new Figure(name, Long.toString(measured), "= " + expected, measured == expected));
    }

    public void atMost(String name, long bound, long measured) {
        figures.add(new Figure(name, Long.toString(measured), "<= " + bound, measured <= bound));
    }

    public void atLeast(String name, long bound, long measured) {
        figures.add(new Figure(name, Long.toString(measured), ">= " + bound, measured >= bound));
    }

    public void between(String name, long low, long high, long measured) {
        figures.add(new Figure(name, Long.toString(measured), low + ".." + high, low <= measured && measured <= high));
    }

    public void same(String name, String expected, String measured) {
        figures.add(new Figure(name, measured, "= " + expected, expected.equals(measured)));
    }

    /** A number that is worth showing and bound by nothing. */
    public void note(String name, long measured) {
        figures.add(new Figure(name, Long.toString(measured), "", true));
    }

    /** The attempt says nothing, because our own generator or sink lost datagrams. */
    public void voidIfOverflown(Audit audit) {
        if (audit.overflow() > 0) voidReason = audit.overflow() + " datagrams overflowed a test socket";
    }

    List<Figure> all() {
        return List.copyOf(figures);
    }

    /** Empty unless the attempt is void. */
    String voidReason() {
        return voidReason;
    }

    boolean hold() {
        return figures.stream().allMatch(Figure::holds);
    }
}
