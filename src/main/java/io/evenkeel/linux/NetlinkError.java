package io.evenkeel.linux;

/**
 * Why the kernel did not do what it was asked. Immutable.
 *
 * @param errno > 0
 * @param explanation the kernel's own words (extended acknowledgement), at most 256 characters; empty if it gave none
 */
public record NetlinkError(int errno, String explanation) {

    /** The kernel's words and what the number means. */
    public String text() {
        return explanation.isEmpty() ? Errno.text(errno) : explanation + " (" + Errno.text(errno) + ")";
    }

    SyscallException exception(String subject) {
        String words = explanation.isEmpty() ? subject : subject + " (" + explanation + ")";
        return new SyscallException("netlink", errno, words);
    }
}
