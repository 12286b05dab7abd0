package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.Neighbour;
import io.evenkeel.linux.NumericAddress;
import io.evenkeel.model.IpAddress;

/** What names an entry of the ARP or ND table: an address on an interface. Immutable. */
record NeighbourKey(int ifindex, IpAddress address) {

    static NeighbourKey of(Neighbour entry) {
        return new NeighbourKey(entry.index(), model(entry.address()));
    }

    static IpAddress model(NumericAddress address) {
        return new IpAddress(address.v6(), address.high(), address.low());
    }

    static NumericAddress numeric(IpAddress address) {
        return new NumericAddress(address.v6(), address.high(), address.low());
    }
}
