package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.Address;
import io.evenkeel.model.IpAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The addresses of this machine. One address may stand on several interfaces, and on one with several prefixes; it is ours
 * until the last of them is gone. An IPv6 address that another machine has is not ours. Owned by one thread.
 */
final class LocalAddresses {
    private record Place(int ifindex, IpAddress address, int prefixLength) {}

    private final Set<Place> places = new HashSet<>();
    private final Map<IpAddress, Integer> uses = new HashMap<>();

    /** True if the set of addresses is another than before. */
    boolean set(Address address) {
        if ((address.flags() & Address.DUPLICATE) != 0) return remove(address);
        Place place = place(address);
        return places.add(place) && uses.merge(place.address, 1, Integer::sum) == 1;
    }

    /** True if the set of addresses is another than before. */
    boolean remove(Address address) {
        Place place = place(address);
        if (!places.remove(place)) return false;
        return uses.merge(place.address, -1, (a, b) -> a + b == 0 ? null : a + b) == null;
    }

    /** These and no others. True if the set of addresses is another than before. */
    boolean replace(List<Address> all) {
        Set<IpAddress> before = all();
        places.clear();
        uses.clear();
        all.forEach(this::set);
        return !before.equals(uses.keySet());
    }

    /** A copy. */
    Set<IpAddress> all() {
        return Set.copyOf(uses.keySet());
    }

    private static Place place(Address address) {
        return new Place(address.index(), NeighbourKey.model(address.address()), address.prefixLength());
    }
}
