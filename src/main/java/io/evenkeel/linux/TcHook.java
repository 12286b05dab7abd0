package io.evenkeel.linux;

/** How a program gets to an interface's TC hook. */
public enum TcHook {
    /** A link on the interface itself, Linux 6.6 and newer: pinned like an XDP link. */
    TCX,
    /** A filter of our own handle and priority at the clsact qdisc. */
    CLSACT;

    /** The better one this kernel has. */
    public static TcHook of(KernelRelease kernel) {
        return kernel.atLeast(6, 6) ? TCX : CLSACT;
    }
}
