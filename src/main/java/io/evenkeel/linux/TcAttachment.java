package io.evenkeel.linux;

/** A program's place at an interface's TC hook. Any thread, one at a time, in the network namespace of the interface. */
public sealed interface TcAttachment extends AutoCloseable permits BpfLink, ClsactFilter {
    /**
     * Puts another program in the place of the present one. Every packet meets the one or the other.
     *
     * @throws SyscallException if the interface is gone, or the kernel refuses
     */
    void update(BpfProgram program);

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
