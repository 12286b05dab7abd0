package io.evenkeel.dataplane.kernel;

/** Where a packet met the kernel plane: {@code enum ek_hook}. */
public enum Hook {
    /** In the driver. */
    XDP(0, "EK_HOOK_XDP"),
    /** In the stack, at the interface's TC hook. */
    TC(1, "EK_HOOK_TC");

    /** EK_HOOKS. */
    static final int COUNT = values().length;

    private final int number;
    private final String constant;

    Hook(int number, String constant) {
        this.number = number;
        this.constant = constant;
    }

    int number() {
        return number;
    }

    /** Its name in C. */
    String constant() {
        return constant;
    }
}
