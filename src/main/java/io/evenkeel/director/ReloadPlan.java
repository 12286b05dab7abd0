package io.evenkeel.director;

import io.evenkeel.director.DirectorState.Chance;
import io.evenkeel.director.DirectorState.Slots;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.Refused;
import java.util.List;
import java.util.Optional;

/**
 * What another configuration comes to: services matched by key, realservers by endpoint, checks by what they say.
 * Health, flows, counters, turns and wishes belong to those, not to lines of a file, and survive.
 *
 * @param refused why it cannot be done at all; then the rest is of no use
 * @param actions deadlines to set and to cancel once the plane has accepted
 */
record ReloadPlan(
        Optional<Refused> refused,
        Configuration configuration,
        List<ServiceState> services,
        Slots slots,
        Chance chance,
        List<Action> actions,
        Counts counts) {

    ReloadPlan {
        services = List.copyOf(services);
        actions = List.copyOf(actions);
    }

    /** What changed, for a person. */
    record Counts(
            int services,
            int servicesAdded,
            int servicesRemoved,
            int servicesChanged,
            int servers,
            int serversAdded,
            int serversRemoved,
            int serversChanged) {

        String summary(boolean first) {
            if (first) return counted(services, "service") + ", " + counted(servers, "realserver");
            String changes = part("services", servicesAdded, servicesRemoved, servicesChanged);
            String serverChanges = part("realservers", serversAdded, serversRemoved, serversChanged);
            if (changes.isEmpty()) return serverChanges.isEmpty() ? "nothing changed" : serverChanges;
            return serverChanges.isEmpty() ? changes : changes + "; " + serverChanges;
        }

        private static String counted(int count, String what) {
            return count + " " + what + (count == 1 ? "" : "s");
        }

        private static String part(String what, int added, int removed, int changed) {
            if (added + removed + changed == 0) return "";
            return what + ": " + added + " added, " + removed + " removed, " + changed + " changed";
        }
    }
}
