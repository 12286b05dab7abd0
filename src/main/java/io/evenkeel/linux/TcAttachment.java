package io.evenkeel.linux;

/** A program's place at an interface's TC hook. Any thread, one at a time, in the network namespace of the interface. */
public sealed interface TcAttachment extends AutoCloseable permits BpfLink, ClsactFilter {
    /**
     * Takes the program off the interface.
     *
     * @throws SyscallException if the kernel refuses
     */
    void detach();

    /** Lets go of what this process holds. */
    @Override
    void close();
}
