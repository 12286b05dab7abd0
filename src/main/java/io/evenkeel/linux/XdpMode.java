package io.evenkeel.linux;

import org.jspecify.annotations.Nullable;

/** Whether and how an XDP program is attached to an interface (IFLA_XDP_ATTACHED of linux/if_link.h). */
public enum XdpMode {
    /** No program. */
    NONE,
    /** In the driver: native. */
    NATIVE,
    /** After the kernel has built a socket buffer: generic. */
    GENERIC,
    /** On the card. */
    OFFLOADED,
    /** More than one of these. */
    SEVERAL;

    /** Null for a number this kernel header does not know. */
    static @Nullable XdpMode of(int number) {
        return switch (number) {
            case Rtnetlink.XDP_ATTACHED_NONE -> NONE;
            case Rtnetlink.XDP_ATTACHED_DRV -> NATIVE;
            case Rtnetlink.XDP_ATTACHED_SKB -> GENERIC;
            case Rtnetlink.XDP_ATTACHED_HW -> OFFLOADED;
            case Rtnetlink.XDP_ATTACHED_MULTI -> SEVERAL;
            default -> null;
        };
    }
}
