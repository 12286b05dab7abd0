package io.evenkeel.linux;

/**
 * What the kernel made of a request. Immutable.
 *
 * @param <T> what was asked for
 */
public sealed interface NetlinkReply<T> {

    record Answer<T>(T value) implements NetlinkReply<T> {}

    record Refusal<T>(NetlinkError error) implements NetlinkReply<T> {}

    /**
     * What was asked for.
     *
     * @throws SyscallException if it was refused
     */
    default T require(String subject) {
        return switch (this) {
            case Answer<T>(T value) -> value;
            case Refusal<T>(NetlinkError error) -> throw error.exception(subject);
        };
    }
}
