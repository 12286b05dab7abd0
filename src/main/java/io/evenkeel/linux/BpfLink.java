package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * A program's place on an interface, held by a descriptor that this object owns: the program stays there until the last
 * descriptor and the last pin are gone, however the process ends. Made by {@link Bpf}. Any thread; {@link #close} when
 * nobody else calls.
 */
public final class BpfLink implements TcAttachment {
    /** XDP_FLAGS_DRV_MODE: in the driver, before the kernel has made a packet of it. */
    static final int NATIVE = 1 << 2;

    static final int ATTACH_XDP = 37;
    static final int ATTACH_TCX_INGRESS = 46;
    static final int ATTACH_TCX_EGRESS = 47;

    /** More links than this are not looked through. */
    private static final int MOST_LINKS = 4_096;

    private static final StructLayout INFO = BpfLayouts.LINK_INFO;

    private int fd;

    /**
     * What the kernel knows of a link.
     *
     * @param id the same for every descriptor
     * @param programId the program's
     * @param interfaceIndex in the network namespace it was made in; 0 once detached or the interface is gone
     */
    public record Info(int id, int programId, int interfaceIndex) {}

    BpfLink(int fd) {
        this.fd = fd;
    }

    /** BPF_LINK_CREATE. Answers a descriptor or {@code -errno}. */
    static int create(BpfProgram program, int interfaceIndex, int attachType, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = BpfCall.attr(arena);
            attr.set(JAVA_INT, BpfCall.LINK_PROGRAM, program.fd());
            attr.set(JAVA_INT, BpfCall.LINK_TARGET, interfaceIndex);
            attr.set(JAVA_INT, BpfCall.LINK_TYPE, attachType);
            attr.set(JAVA_INT, BpfCall.LINK_FLAGS, flags);
            return BpfCall.call(BpfCall.LINK_CREATE, attr);
        }
    }

    /**
     * The link that is pinned at this path.
     *
     * @throws SyscallException ENOENT if nothing is there
     */
    public static BpfLink open(Path pin) {
        return new BpfLink(Libc.require(BpfCall.open(pin), "open pinned link", pin.toString()));
    }

    /**
     * The number of the link that holds a program at an interface of the calling thread's network namespace; empty if none
     * does, as after {@code ip link set … xdp}, or if links may not be listed (CAP_SYS_ADMIN). Interfaces of other
     * namespaces may have the same index, so the program's number has to be right too.
     */
    public static OptionalInt holding(int programId, int interfaceIndex) {
        int id = 0;
        for (int i = 0; i < MOST_LINKS; i++) {
            id = next(id);
            if (id <= 0) return OptionalInt.empty();
            int fd = byId(id);
            if (fd < 0) continue; // it has gone since
            BpfLink link = new BpfLink(fd);
            Info info = link.info();
            link.close();
            if (info.programId == programId && info.interfaceIndex == interfaceIndex) return OptionalInt.of(id);
        }
        return OptionalInt.empty();
    }

    private static int next(int after) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = BpfCall.attr(arena);
            attr.set(JAVA_INT, BpfCall.NEXT_AFTER, after);
            int result = BpfCall.call(BpfCall.LINK_GET_NEXT_ID, attr);
            return result < 0 ? result : attr.get(JAVA_INT, BpfCall.NEXT_ID);
        }
    }

    private static int byId(int id) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = BpfCall.attr(arena);
            attr.set(JAVA_INT, BpfCall.BY_ID, id);
            return BpfCall.call(BpfCall.LINK_GET_FD_BY_ID, attr);
        }
    }

    /** @throws SyscallException if this is closed */
    public Info info() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(INFO);
            BpfCall.info(fd, into, "link");
            return new Info(
                    into.get(JAVA_INT, Layouts.offset(INFO, "id")),
                    into.get(JAVA_INT, Layouts.offset(INFO, "prog_id")),
                    into.get(JAVA_INT, Layouts.offset(INFO, "xdp.ifindex")));
        }
    }

    /** Keeps the link under a name in a bpf filesystem. Answers 0 or {@code -errno}; deleting the file unpins. */
    public int pin(Path path) {
        return BpfCall.pin(fd, path);
    }

    /**
     * Puts another program in the place of the present one. Every packet meets the one or the other.
     *
     * @throws SyscallException ENOLINK if the interface is gone or the link detached
     */
    @Override
    public void update(BpfProgram program) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = BpfCall.attr(arena);
            attr.set(JAVA_INT, BpfCall.UPDATE_LINK, fd);
            attr.set(JAVA_INT, BpfCall.UPDATE_PROGRAM, program.fd());
            Libc.require(BpfCall.call(BpfCall.LINK_UPDATE, attr), "replace the program of", "link");
        }
    }

    /**
     * Takes the program off the interface at once, pinned or not. Doing it again does nothing.
     *
     * @throws SyscallException if the kernel refuses
     */
    @Override
    public void detach() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attr = BpfCall.attr(arena);
            attr.set(JAVA_INT, BpfCall.DETACH_LINK, fd);
            Libc.require(BpfCall.call(BpfCall.LINK_DETACH, attr), "detach", "link");
        }
    }

    /** Lets go of the descriptor; the program leaves the interface unless the link is pinned. */
    @Override
    public void close() {
        if (fd < 0) return;
        Libc.close(fd);
        fd = -1;
    }
}
