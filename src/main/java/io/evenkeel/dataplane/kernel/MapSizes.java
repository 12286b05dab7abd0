package io.evenkeel.dataplane.kernel;

/**
 * How large the maps are made, in entries of one half where a map has two; fixed while the program is loaded. All powers
 * of two.
 *
 * @param services their slots are below this
 * @param servers realservers of all services together
 * @param slots of all rotations together
 */
record MapSizes(int services, int servers, int slots) {
    /** Room for what one director serves. */
    static final MapSizes USUAL = new MapSizes(1_024, 16_384, 131_072);

    MapSizes {
        if (Integer.bitCount(services) != 1 || Integer.bitCount(servers) != 1 || Integer.bitCount(slots) != 1) {
            throw new IllegalArgumentException("map sizes are powers of two");
        }
        if (servers > 65_536) throw new IllegalArgumentException("a slot names its realserver in 16 bits");
    }

    /** Buckets of one half of the services' table. */
    int serviceBuckets() {
        return Places.buckets(services);
    }

    int endpointBuckets() {
        return Places.buckets(servers);
    }

    /** Buckets for the director's own addresses. */
    int ownBuckets() {
        return 256;
    }

    /** Next hops: two for each realserver, of which one is in force, behind the unknown one. */
    int nextHops() {
        return 2 + 2 * servers;
    }
}
