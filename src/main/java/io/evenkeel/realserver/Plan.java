package io.evenkeel.realserver;

import io.evenkeel.linux.Address;
import io.evenkeel.linux.Link;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Refused;
import io.evenkeel.realserver.Change.SysctlSet;
import io.evenkeel.realserver.Change.VipAdded;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What has to be changed on a machine that we have not touched, so that it is what the assignment says. Pure.
 *
 * @param interfaces where packets come in
 * @param changes in the order they are made: silence first, addresses last
 * @param refusals why it cannot be; then nothing may be changed
 * @param notes what an operator should know
 */
record Plan(List<Link> interfaces, List<Change> changes, List<Refused> refusals, List<String> notes) {

    Plan {
        interfaces = List.copyOf(interfaces);
        changes = List.copyOf(changes);
        refusals = List.copyOf(refusals);
        notes = List.copyOf(notes);
    }

    /** @param facts the machine without our changes, {@link Facts#before} */
    static Plan of(Assignment assignment, Facts facts) {
        return new Making(assignment, facts).make();
    }

    private static final class Making {
        private final Assignment assignment;
        private final Facts facts;
        private final List<Link> interfaces = new ArrayList<>();
        private final List<Change> changes = new ArrayList<>();
        private final List<Refused> refusals = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();

        Making(Assignment assignment, Facts facts) {
            this.assignment = assignment;
            this.facts = facts;
        }

        Plan make() {
            if (assignment.vips().isEmpty()) return new Plan(List.of(), List.of(), List.of(), List.of());
            chooseInterfaces();
            if (assignment.vips().stream().anyMatch(vip -> !vip.v6())) {
                silence(Facts.ALL);
                for (Link link : interfaces) silence(link.name());
                for (Link link : interfaces) loosen(link);
            }
            assignment.vips().forEach(this::place);
            return new Plan(interfaces, changes, refusals, notes);
        }

        private void chooseInterfaces() {
            if (assignment.interfaces().isEmpty()) {
                Set<Integer> withAddress = new HashSet<>();
                for (Address address : facts.addresses()) withAddress.add(address.index());
                facts.links().stream()
                        .filter(link -> link.up() && link.ethernet() && link.resolves())
                        .filter(link -> withAddress.contains(link.index()))
                        .forEach(interfaces::add);
                if (interfaces.isEmpty()) {
                    notes.add("no Ethernet interface is up and has an address: nothing can come in yet");
                }
                return;
            }
            for (String name : new java.util.LinkedHashSet<>(assignment.interfaces())) named(name);
        }

        private void named(String name) {
            Optional<Link> found =
                    facts.links().stream().filter(l -> l.name().equals(name)).findFirst();
            if (found.isEmpty()) {
                refusals.add(new Refused("there is no interface " + name, "see 'ip link'"));
            } else if (!found.get().ethernet()) {
                refusals.add(new Refused(
                        name + " is no Ethernet interface", "name one that a director's packets come in on"));
            } else {
                interfaces.add(found.get());
            }
        }

        /** ARP for an address of another interface goes unanswered from 1 on, and ours is never named from 2 on. */
        private void silence(String device) {
            raise(Sysctls.key(device, "arp_ignore"), 1);
            raise(Sysctls.key(device, "arp_announce"), 2);
        }

        private void raise(String key, int least) {
            String before = facts.sysctls().get(key);
            if (before != null && number(before) < least) changes.add(new SysctlSet(key, before, "" + least));
        }

        /**
         * With the strict reverse path filter a client's packet is dropped if the way back to the client leads out of
         * another interface, as it does where directors send on a network of their own. The loose one (2) wants any way
         * back. The kernel takes the greater of {@code all} and the interface's.
         */
        private void loosen(Link link) {
            String key = Sysctls.key(link.name(), "rp_filter");
            String own = facts.sysctls().getOrDefault(key, "0");
            int effective = Math.max(
                    number(own), number(facts.sysctls().getOrDefault(Sysctls.key(Facts.ALL, "rp_filter"), "0")));
            if (effective != 1) return;
            if (facts.defaultWays().isEmpty()) {
                notes.add(link.name() + ": rp_filter is 1 and there is no default route: packets of clients without a"
                        + " route back through " + link.name() + " are dropped by the kernel");
            } else if (!facts.defaultWays().contains(link.index())) {
                changes.add(new SysctlSet(key, own, "2"));
                notes.add(link.name() + ": the way back to clients leads out of another interface, so rp_filter is set"
                        + " from " + own + " to 2");
            }
        }

        private void place(IpAddress vip) {
            int lo = facts.loopback();
            for (Address address : facts.addresses()) {
                if (!Facts.address(address).equals(vip)) continue;
                if (address.index() == lo) {
                    notes.add(vip + " was on lo already, so it stays there when this ends");
                    return;
                }
                String name = name(address.index());
                refusals.add(new Refused(
                        vip + " is an address of " + name + ", which would answer ARP and ND for it",
                        "ip addr del " + vip + "/" + address.prefixLength() + " dev " + name));
                return;
            }
            changes.add(new VipAdded(vip));
        }

        private String name(int index) {
            return facts.links().stream()
                    .filter(l -> l.index() == index)
                    .map(Link::name)
                    .findFirst()
                    .orElse("interface " + index);
        }

        /** What is no number is left as it is. */
        private static int number(String value) {
            return value.matches("-?[0-9]{1,9}") ? Integer.parseInt(value) : Integer.MAX_VALUE;
        }
    }
}
