package io.evenkeel.dataplane.kernel;

/**
 * How large the maps are made, in entries of one half where a map has two; fixed while the program is loaded. All powers
 * of two.
 *
 * @param services their slots are below this
 * @param servers realservers of all services together
 * @param slots of all rotations, slot tables and lists of candidates together
 * @param flows places for flows of IPv4, 16 octets each; filled to a quarter, hardly a bucket overflows
 * @param wideFlows places for flows of IPv6, 32 octets each
 */
record MapSizes(int services, int servers, int slots, int flows, int wideFlows) {
    private static final int FLOWS_PER_BUCKET = 4;
    private static final int WIDE_FLOWS_PER_BUCKET = 2;

    /** Room for what one director serves. */
    static final MapSizes USUAL = new MapSizes(1_024, 16_384, 1_048_576, 1_048_576, 262_144);

    MapSizes {
        for (int size : new int[] {services, servers, slots, flows, wideFlows}) {
            if (Integer.bitCount(size) != 1) throw new IllegalArgumentException("map sizes are powers of two");
        }
        if (servers > 32_768) throw new IllegalArgumentException("a slot names its realserver in 16 bits");
        if (services > 16_384) throw new IllegalArgumentException("a flow names its services' group in 15 bits");
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

    int flowBuckets() {
        return Math.max(1, flows / FLOWS_PER_BUCKET);
    }

    int wideFlowBuckets() {
        return Math.max(1, wideFlows / WIDE_FLOWS_PER_BUCKET);
    }

    /** Next hops: two for each realserver, of which one is in force, behind the unknown one and this machine. */
    int nextHops() {
        return 2 + 2 * servers;
    }
}
