package io.evenkeel.linux;

/** Error numbers of Linux (asm-generic, valid for x86-64 and arm64) with their usual text. */
public final class Errno {
    private Errno() {}

    public static final int EPERM = 1;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int EAGAIN = 11;
    public static final int EACCES = 13;
    public static final int EINVAL = 22;
    public static final int EMFILE = 24;
    public static final int EPIPE = 32;
    public static final int EMSGSIZE = 90;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETDOWN = 100;
    public static final int ENETUNREACH = 101;
    public static final int ECONNRESET = 104;
    public static final int ENOBUFS = 105;
    public static final int ETIMEDOUT = 110;
    public static final int ECONNREFUSED = 111;
    public static final int EHOSTUNREACH = 113;
    public static final int EINPROGRESS = 115;

    /** What the number means, as the C library says it, else {@code errno N}. */
    public static String text(int errno) {
        return switch (errno) {
            case EPERM -> "operation not permitted";
            case EINTR -> "interrupted";
            case EIO -> "input/output error";
            case EAGAIN -> "would block";
            case EACCES -> "permission denied";
            case EINVAL -> "invalid argument";
            case EMFILE -> "too many open files";
            case EPIPE -> "broken pipe";
            case EMSGSIZE -> "message too long";
            case EADDRINUSE -> "address already in use";
            case EADDRNOTAVAIL -> "address not available";
            case ENETDOWN -> "network is down";
            case ENETUNREACH -> "network unreachable";
            case ECONNRESET -> "connection reset";
            case ENOBUFS -> "no buffer space";
            case ETIMEDOUT -> "timed out";
            case ECONNREFUSED -> "connection refused";
            case EHOSTUNREACH -> "no route to host";
            case EINPROGRESS -> "in progress";
            default -> "errno " + errno;
        };
    }
}
