package io.evenkeel.realserver;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What an operator should know, each thing once. Belongs to one thread. */
final class Notes {
    /** How many different things are said. */
    private static final int MOST = 1_000;

    private final Set<String> said = new HashSet<>();
    private final List<String> fresh = new ArrayList<>();

    void say(String sentence) {
        if (said.size() < MOST && said.add(sentence)) fresh.add(sentence);
    }

    /** What is new since the last time. */
    List<String> take() {
        List<String> taken = List.copyOf(fresh);
        fresh.clear();
        return taken;
    }
}
