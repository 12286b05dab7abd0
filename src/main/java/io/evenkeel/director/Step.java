package io.evenkeel.director;

import java.util.List;

/** What one event came to: the state after it, and what is to be done about it. */
record Step(DirectorState state, List<Action> actions) {
    Step {
        actions = List.copyOf(actions);
    }
}
