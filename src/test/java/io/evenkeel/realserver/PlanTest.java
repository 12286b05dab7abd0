package io.evenkeel.realserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.linux.Link;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Refused;
import io.evenkeel.realserver.Change.SysctlSet;
import io.evenkeel.realserver.Change.VipAdded;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What has to be changed on a machine, as a function of what it is. */
class PlanTest {
    private static final IpAddress VIP = IpAddress.of("192.0.2.1");
    private static final IpAddress VIP6 = IpAddress.of("2001:db8::1");

    private static Assignment assignment(List<IpAddress> vips, String... interfaces) {
        return new Assignment(vips, Set.of(), 6080, List.of(interfaces), 60, List.of(), false);
    }

    private static MachineOf machine() {
        return new MachineOf().with(2, "eth0", "198.18.0.1").with(3, "eth1", "198.18.1.1");
    }

    private static Plan plan(MachineOf machine, IpAddress... vips) {
        return Plan.of(assignment(List.of(vips)), machine.facts());
    }

    private static SysctlSet set(String device, String name, String before, String value) {
        return new SysctlSet(Sysctls.key(device, name), before, value);
    }

    @Test
    void silenceComesBeforeTheAddressItIsAbout() {
        Plan plan = plan(machine(), VIP);
        assertThat(plan.refusals()).isEmpty();
        assertThat(plan.interfaces()).extracting(Link::name).containsExactly("eth0", "eth1");
        assertThat(plan.changes())
                .containsExactly(
                        set("all", "arp_ignore", "0", "1"),
                        set("all", "arp_announce", "0", "2"),
                        set("eth0", "arp_ignore", "0", "1"),
                        set("eth0", "arp_announce", "0", "2"),
                        set("eth1", "arp_ignore", "0", "1"),
                        set("eth1", "arp_announce", "0", "2"),
                        new VipAdded(VIP));
    }

    @Test
    void whatIsSilentEnoughIsLeftAlone() {
        MachineOf machine = machine()
                .set("all", "arp_ignore", "8")
                .set("all", "arp_announce", "1")
                .set("eth0", "arp_ignore", "2")
                .set("eth0", "arp_announce", "2")
                .set("eth1", "arp_ignore", "words")
                .set("eth1", "arp_announce", "-1");
        assertThat(plan(machine, VIP).changes())
                .containsExactly(
                        set("all", "arp_announce", "1", "2"),
                        set("eth1", "arp_announce", "-1", "2"),
                        new VipAdded(VIP));
    }

    @Test
    void ipv6NeedsNoSilence() {
        assertThat(plan(machine(), VIP6).changes()).containsExactly(new VipAdded(VIP6));
    }

    @Test
    void interfacesThatAreDownOrWithoutAnAddressOrNoEthernetAreNotChosen() {
        MachineOf machine =
                new MachineOf().with(2, "eth0", "198.18.0.1").down(3, "eth1").address(3, "198.18.1.1");
        machine.address(1, "198.18.9.9");
        assertThat(plan(machine, VIP).interfaces()).extracting(Link::name).containsExactly("eth0");
        Plan none = plan(new MachineOf(), VIP);
        assertThat(none.notes()).singleElement().asString().contains("nothing can come in yet");
        assertThat(none.changes()).contains(new VipAdded(VIP));
    }

    @Test
    void namedInterfacesAreTakenAsTheyAreOrRefused() {
        MachineOf machine = machine().down(4, "eth2");
        Plan plan = Plan.of(assignment(List.of(VIP), "eth2", "eth1", "eth2"), machine.facts());
        assertThat(plan.interfaces()).extracting(Link::name).containsExactly("eth2", "eth1");
        assertThat(plan.refusals()).isEmpty();
        assertThat(Plan.of(assignment(List.of(VIP), "eth9", "lo"), machine.facts())
                        .refusals())
                .extracting(Refused::what)
                .containsExactly("there is no interface eth9", "lo is no Ethernet interface");
    }

    @Test
    void aVipOfAnotherInterfaceIsRefusedAndOneOnLoStays() {
        MachineOf machine = machine().address(3, VIP.toString()).address(1, VIP6.toString());
        Plan plan = plan(machine, VIP, VIP6);
        assertThat(plan.refusals())
                .extracting(Refused::toString)
                .containsExactly("192.0.2.1 is an address of eth1, which would answer ARP and ND for it"
                        + " (ip addr del 192.0.2.1/24 dev eth1)");
        assertThat(plan.changes()).doesNotContain(new VipAdded(VIP), new VipAdded(VIP6));
        assertThat(plan.notes()).containsExactly("2001:db8::1 was on lo already, so it stays there when this ends");
    }

    @Test
    void theStrictPathFilterIsLoosenedOnlyWhereTheDefaultRouteLeadsElsewhere() {
        MachineOf both = machine().set("all", "rp_filter", "1").defaultWay(3);
        assertThat(filters(both)).containsExactly(set("eth0", "rp_filter", "0", "2"));
        MachineOf own = machine()
                .set("eth0", "rp_filter", "1")
                .set("eth1", "rp_filter", "1")
                .defaultWay(2);
        assertThat(filters(own)).containsExactly(set("eth1", "rp_filter", "1", "2"));
        assertThat(filters(machine().set("all", "rp_filter", "2").defaultWay(3)))
                .isEmpty();
        assertThat(filters(machine().set("eth0", "rp_filter", "2").defaultWay(3)))
                .isEmpty();
        assertThat(filters(machine().defaultWay(3))).isEmpty();
        MachineOf nowhere = machine().set("eth0", "rp_filter", "1");
        assertThat(filters(nowhere)).isEmpty();
        assertThat(plan(nowhere, VIP).notes())
                .singleElement()
                .asString()
                .startsWith("eth0: rp_filter is 1 and there is no default route");
    }

    private static Stream<Change> filters(MachineOf machine) {
        return plan(machine, VIP).changes().stream()
                .filter(c -> c instanceof SysctlSet s && s.key().endsWith("rp_filter"));
    }

    @Test
    void nobodyIsNothing() {
        Plan plan = Plan.of(Assignment.none(), machine().facts());
        assertThat(plan).isEqualTo(new Plan(List.of(), List.of(), List.of(), List.of()));
    }

    @Test
    void thePlanForAPreparedMachineSeenWithoutItsChangesIsTheSame() {
        Plan plan = plan(machine(), VIP);
        MachineOf prepared = machine().address(1, VIP.toString());
        for (String device : List.of("all", "eth0", "eth1")) {
            prepared.set(device, "arp_ignore", "1").set(device, "arp_announce", "2");
        }
        Ledger ledger = new Ledger(plan.changes());
        assertThat(plan.changes()).allMatch(change -> change.inForce(prepared.facts()));
        assertThat(Plan.of(assignment(List.of(VIP)), prepared.facts().before(ledger)))
                .isEqualTo(plan);
        // What somebody else changed since is seen as it is.
        prepared.set("eth0", "arp_ignore", "4");
        assertThat(prepared.facts().before(ledger).sysctls())
                .containsEntry(Sysctls.key("eth0", "arp_ignore"), "4")
                .containsEntry(Sysctls.key("eth1", "arp_ignore"), "0");
    }
}
