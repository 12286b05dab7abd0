package io.evenkeel.health;

import io.evenkeel.linux.Errno;

/**
 * Whose fault an error number is. keepalived's list: refused, reset, aborted, timed out, unreachable and down speak of
 * the realserver or the way to it; everything else (no descriptor, no permission, no address, no memory) is our own
 * trouble and says nothing. Pure; any thread.
 */
final class Fault {
    private Fault() {}

    /** What a call answered at once; nobody but our own kernel has spoken yet. */
    static ProbeOutcome atOnce(String call, int errno) {
        return speaksOfThePeer(errno)
                ? new ProbeOutcome.Failed(Errno.text(errno))
                : new ProbeOutcome.Worthless(call + ": " + Errno.text(errno));
    }

    /**
     * What came back from the network for something we had sent. Here also "permission denied" (ICMPv6: administratively
     * prohibited) and "protocol not available" (ICMP: protocol unreachable) are the peer's answer.
     */
    static ProbeOutcome fromTheNetwork(int errno) {
        return switch (errno) {
            case Errno.EACCES -> new ProbeOutcome.Failed("administratively prohibited");
            case Errno.ENOPROTOOPT -> new ProbeOutcome.Failed("protocol unreachable");
            case Errno.EPROTO -> new ProbeOutcome.Failed("rejected by the network (ICMP)");
            default -> atOnce("answer", errno);
        };
    }

    private static boolean speaksOfThePeer(int errno) {
        return switch (errno) {
            case Errno.ECONNREFUSED,
                    Errno.ECONNRESET,
                    Errno.ECONNABORTED,
                    Errno.EPIPE,
                    Errno.ETIMEDOUT,
                    Errno.ENETUNREACH,
                    Errno.ENETDOWN,
                    Errno.EHOSTUNREACH,
                    Errno.EHOSTDOWN -> true;
            default -> false;
        };
    }
}
