package io.evenkeel.schedule;

/** sh, mh and dh: pick = hash mod size, with IPVS's fallback walk. Bit-exact to IPVS. */
public final class SlotTable implements Schedule {

    /**
     * The candidate for this packet.
     *
     * @param v6 family of both addresses
     * @param clientHigh first 64 bits of the client's address (0 for IPv4)
     * @param clientLow last 64 bits, or the IPv4 address
     * @param clientPort used by sh-port and mh-port only
     * @param vipHigh as clientHigh, of the VIP; used by dh
     * @param vipLow as clientLow, of the VIP; used by dh
     */
    public int pick(
            boolean v6,
            long clientHigh,
            long clientLow,
            int clientPort,
            long vipHigh,
            long vipLow,
            Eligibility eligibility) {
        throw new UnsupportedOperationException("schedule room: to be built");
    }
}
