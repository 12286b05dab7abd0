package io.evenkeel.linux;

/**
 * An address of an interface (RTM_NEWADDR). Immutable.
 *
 * @param index of the interface
 * @param address the local address
 * @param prefixLength 0..32 or 0..128
 * @param scope {@link #SCOPE_GLOBAL}, {@link #SCOPE_LINK}, {@link #SCOPE_HOST} or another number 0..255; the kernel
 *     decides it for IPv6
 * @param flags IFA_F_*, e.g. {@link #NODAD}
 * @param preferredSeconds how long it is used for new connections, {@link #FOREVER} or ≥ 0
 * @param validSeconds when the kernel removes it, {@link #FOREVER} or ≥ 1; at least {@code preferredSeconds}
 */
public record Address(
        int index,
        NumericAddress address,
        int prefixLength,
        int scope,
        int flags,
        int preferredSeconds,
        int validSeconds) {

    public static final int SCOPE_GLOBAL = 0;
    public static final int SCOPE_LINK = 253;
    public static final int SCOPE_HOST = 254;

    /** IFA_F_NODAD: usable at once, without duplicate address detection. IPv6 only. */
    public static final int NODAD = 0x2;

    /** IFA_F_DADFAILED: another machine has this IPv6 address; it is not used. */
    public static final int DUPLICATE = 0x8;

    /** IFA_F_TENTATIVE: duplicate address detection has not ended; the IPv6 address is not used yet. */
    public static final int TENTATIVE = 0x40;

    /** IFA_F_NOPREFIXROUTE: no route to its prefix is made. */
    public static final int NO_PREFIX_ROUTE = 0x200;

    /** A lifetime without end. */
    public static final int FOREVER = -1;
}
