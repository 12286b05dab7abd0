package io.evenkeel.realserver;

import io.evenkeel.linux.Address;
import io.evenkeel.linux.Errno;
import io.evenkeel.linux.NetlinkError;
import io.evenkeel.linux.RouteSocket;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Refused;
import java.util.Optional;

/** Makes and unmakes changes on this machine. Belongs to one platform thread. */
final class Performer {
    private static final String PRIVILEGE = "run as root, or with CAP_NET_ADMIN";

    private final RouteSocket socket;
    private final Sysctls sysctls;
    private final int loopback;
    private final int leaseSeconds;

    /** @param loopback index of the loopback interface */
    Performer(RouteSocket socket, Sysctls sysctls, int loopback, int leaseSeconds) {
        this.socket = socket;
        this.sysctls = sysctls;
        this.loopback = loopback;
        this.leaseSeconds = leaseSeconds;
    }

    /** Empty if it is done. */
    Optional<Refused> make(Change change) {
        return switch (change) {
            case Change.SysctlSet set -> write(set.key(), set.value());
            case Change.VipAdded(IpAddress vip) -> refused("put " + vip + " on lo", socket.put(address(vip)));
            case Change.FilterAdded _ -> Optional.empty(); // attached by the receiver
        };
    }

    /** Empty if it is undone, or gone already. */
    Optional<Refused> unmake(Change change) {
        return switch (change) {
            case Change.SysctlSet set -> write(set.key(), set.before());
            case Change.VipAdded(IpAddress vip) ->
                refused(
                        "take " + vip + " off lo",
                        socket.delete(address(vip)).filter(error -> error.errno() != Errno.EADDRNOTAVAIL));
            case Change.FilterAdded _ -> Optional.empty(); // detached by the receiver
        };
    }

    private Optional<Refused> write(String key, String value) {
        return sysctls.write(key, value)
                .map(why -> new Refused("cannot set " + key + " to " + value + ": " + why, PRIVILEGE));
    }

    private static Optional<Refused> refused(String what, Optional<NetlinkError> error) {
        return error.map(e -> new Refused("cannot " + what + ": " + e.text(), PRIVILEGE));
    }

    /**
     * An IPv6 address on lo could be taken as the source of the machine's own connections, which a preferred lifetime of
     * 0 forbids (RFC 6724, rule 3); for IPv4 its scope does.
     */
    private Address address(IpAddress vip) {
        int valid = leaseSeconds == 0 ? Address.FOREVER : leaseSeconds;
        return new Address(
                loopback,
                Facts.number(vip),
                vip.v6() ? 128 : 32,
                Address.SCOPE_HOST,
                vip.v6() ? Address.NODAD : 0,
                vip.v6() ? 0 : valid,
                valid);
    }
}
