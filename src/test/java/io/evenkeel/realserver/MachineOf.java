package io.evenkeel.realserver;

import io.evenkeel.linux.Address;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.XdpMode;
import io.evenkeel.model.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A machine as a test describes it: lo is number 1, all settings are 0. */
final class MachineOf {
    private final List<Link> links = new ArrayList<>();
    private final List<Address> addresses = new ArrayList<>();
    private final Map<String, String> sysctls = new HashMap<>();
    private final Set<Integer> defaultWays = new HashSet<>();

    MachineOf() {
        links.add(link(1, "lo", false, true));
        settings("all");
    }

    /** An Ethernet interface that is up, with an address. */
    MachineOf with(int index, String name, String address) {
        links.add(link(index, name, true, true));
        settings(name);
        return address(index, address);
    }

    MachineOf down(int index, String name) {
        links.add(link(index, name, true, false));
        settings(name);
        return this;
    }

    MachineOf address(int index, String text) {
        IpAddress address = IpAddress.of(text);
        int prefix = address.v6() ? 64 : 24;
        addresses.add(new Address(index, Facts.number(address), prefix, 0, 0, Address.FOREVER, Address.FOREVER));
        return this;
    }

    MachineOf set(String device, String name, String value) {
        sysctls.put(Sysctls.key(device, name), value);
        return this;
    }

    MachineOf defaultWay(int index) {
        defaultWays.add(index);
        return this;
    }

    Facts facts() {
        return new Facts(links, addresses, sysctls, defaultWays);
    }

    private void settings(String device) {
        for (String name : Facts.NAMES) set(device, name, "0");
    }

    private static Link link(int index, String name, boolean ethernet, boolean up) {
        long mac = ethernet ? 0x0200_0000_0000L + index : 0;
        return new Link(index, name, ethernet, mac, 1_500, up, up, ethernet, 0, "", 0, false, XdpMode.NONE, 0);
    }
}
