package io.evenkeel.linux;

/** A system call failed in a way its caller cannot treat as a result: names call, errno and subject. */
public final class SyscallException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /** @param subject what it was about, e.g. {@code 192.0.2.1:53} */
    public SyscallException(String call, int errno, String subject) {
        super(call + " " + subject + ": " + Errno.text(errno));
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }
}
