package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.OptionalInt;

/**
 * A child that leads a process group of its own, started by posix_spawn(3): no shell, no copy of this process. It gets
 * /dev/null as input, one pipe as output and error, no other descriptor of ours (we may hold thousands), default signal
 * handling and an empty signal mask.
 *
 * <p>{@link #start} may block (the program's file system may hang) and belongs on a platform thread; everything after it
 * does not block and belongs to one thread at a time. Children are waited for by their own number only, so that those of
 * {@link ProcessBuilder} are never taken. The leader stays a zombie until {@link #reap}, which keeps the group's number
 * from being given to somebody else: kill first, reap last.
 */
public final class ChildProcess implements AutoCloseable {

    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;

    private static final int SETPGROUP = 0x02; // POSIX_SPAWN_SETPGROUP, SETSIGDEF, SETSIGMASK of spawn.h
    private static final int SETSIGDEF = 0x04;
    private static final int SETSIGMASK = 0x08;
    private static final int SIGCHLD = 17;
    private static final long SIG_DFL = 0;
    private static final long SIG_IGN = 1;
    private static final int WNOHANG = 1;
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_NONBLOCK = 0x800;
    private static final int F_SETFL = 4;
    private static final long PIDFD_OPEN = 434; // the same number on every architecture

    // posix_spawnattr_t is 336 and posix_spawn_file_actions_t 80 bytes in glibc, both opaque; sigset_t is 128.
    static final int ATTRIBUTE_ROOM = 512;
    static final int ACTION_ROOM = 256;
    static final int SIGSET_BYTES = 128;

    private static final class Handles {
        static final MethodHandle ATTR_INIT = pointer("posix_spawnattr_init");
        static final MethodHandle ATTR_DESTROY = pointer("posix_spawnattr_destroy");
        static final MethodHandle ATTR_FLAGS =
                Libc.errnoHandle("posix_spawnattr_setflags", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_SHORT));
        static final MethodHandle ATTR_GROUP =
                Libc.errnoHandle("posix_spawnattr_setpgroup", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
        static final MethodHandle ATTR_DEFAULTS = pointers("posix_spawnattr_setsigdefault");
        static final MethodHandle ATTR_MASK = pointers("posix_spawnattr_setsigmask");
        static final MethodHandle ACTIONS_INIT = pointer("posix_spawn_file_actions_init");
        static final MethodHandle ACTIONS_DESTROY = pointer("posix_spawn_file_actions_destroy");
        static final MethodHandle ADD_OPEN = Libc.errnoHandle(
                "posix_spawn_file_actions_addopen",
                FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
        static final MethodHandle ADD_DUP = Libc.errnoHandle(
                "posix_spawn_file_actions_adddup2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
        /** glibc 2.34. */
        static final MethodHandle ADD_CLOSE_FROM = Libc.errnoHandle(
                "posix_spawn_file_actions_addclosefrom_np", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));

        static final MethodHandle SPAWN = Libc.errnoHandle(
                "posix_spawn", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
        static final MethodHandle PIPE = Libc.errnoHandle("pipe2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
        static final MethodHandle FCNTL = Libc.errnoHandle(
                "fcntl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        static final MethodHandle SYSCALL = Libc.errnoHandle(
                "syscall",
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT),
                Linker.Option.firstVariadicArg(1));
        static final MethodHandle KILL = Libc.errnoHandle("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
        static final MethodHandle WAITPID =
                Libc.errnoHandle("waitpid", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
        static final MethodHandle READ =
                Libc.errnoHandle("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));

        static {
            // Where our own parent ignored SIGCHLD we do too, and children would vanish without a status.
            MethodHandle signal = Libc.errnoHandle("signal", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG));
            try {
                long before = (long) signal.invokeExact(Libc.errnoSegment(), SIGCHLD, SIG_DFL);
                assert before == SIG_DFL || before == SIG_IGN : "somebody handles SIGCHLD";
            } catch (Throwable thrown) {
                throw Libc.unexpected(thrown);
            }
        }

        private static MethodHandle pointer(String symbol) {
            return Libc.errnoHandle(symbol, FunctionDescriptor.of(JAVA_INT, ADDRESS));
        }

        private static MethodHandle pointers(String symbol) {
            return Libc.errnoHandle(symbol, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
        }
    }

    private final int pid;
    private final int pidfd;
    private final int output;
    private final Epoll both;
    private boolean outputEnded;
    private boolean reaped;
    private boolean closed;

    private ChildProcess(int pid, int pidfd, int output, Epoll both) {
        this.pid = pid;
        this.pidfd = pidfd;
        this.output = output;
        this.both = both;
    }

    /**
     * Starts {@code program}. On a platform thread: may block.
     *
     * @param program path of the file to execute; not searched for
     * @param arguments from the program's own name on, without zero characters
     * @param environment {@code NAME=value}
     * @throws SyscallException {@code posix_spawn} with the errno of execve(2) if it cannot be executed
     */
    public static ChildProcess start(String program, List<String> arguments, List<String> environment) {
        int read = -1;
        int write = -1;
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment pipe = scratch.allocate(JAVA_INT, 2);
            Libc.require(pipe2(pipe), "pipe2", program);
            read = pipe.get(JAVA_INT, 0);
            write = pipe.get(JAVA_INT, 4);
            Libc.require(nonBlocking(read), "fcntl", program);
            int pid = spawn(scratch, program, arguments, environment, write);
            Libc.close(write);
            write = -1;
            return watch(pid, read, program);
        } catch (RuntimeException refused) {
            if (write >= 0) Libc.close(write);
            if (read >= 0) Libc.close(read);
            throw refused;
        }
    }

    /** From here on there is a child: whatever fails, it must not be left. */
    private static ChildProcess watch(int pid, int read, String program) {
        int pidfd = pidfdOpen(pid);
        try {
            Libc.require(pidfd, "pidfd_open", program);
            Epoll both = new Epoll(Arena.ofAuto(), 2);
            try {
                Libc.require(both.add(pidfd, Epoll.IN, pidfd), "epoll_ctl", program);
                Libc.require(both.add(read, Epoll.IN, read), "epoll_ctl", program);
            } catch (RuntimeException refused) {
                both.close();
                throw refused;
            }
            return new ChildProcess(pid, pidfd, read, both);
        } catch (RuntimeException refused) {
            kill(-pid, SIGKILL);
            waitpid(pid, 0); // just killed and on a platform thread
            if (pidfd >= 0) Libc.close(pidfd);
            throw refused;
        }
    }

    /** The leader's number, which is the group's too. */
    public int pid() {
        return pid;
    }

    /** Readable ({@link Epoll#IN}) when there is output or its end to {@link #read}, or when the leader has ended. */
    public int fd() {
        return both.fd();
    }

    /** Readable when the leader has ended; output does not matter. */
    public int endedFd() {
        return pidfd;
    }

    /** True once the leader has ended, reaped or not. Never waits. */
    public boolean ended() {
        return reaped || Sockets.poll(pidfd, Sockets.POLLIN, 0) == 1;
    }

    /**
     * Takes output that is there.
     *
     * @return bytes put into {@code into}, 0 if there is none now or ever again
     */
    public int read(byte[] into) {
        if (outputEnded) return 0;
        try (Arena room = Arena.ofConfined()) {
            MemorySegment memory = room.allocate(into.length);
            int count = (int) Libc.result(
                    (long) Handles.READ.invokeExact(Libc.errnoSegment(), output, memory, memory.byteSize()));
            if (count == -Errno.EAGAIN || count == -Errno.EINTR) return 0;
            if (count > 0) {
                MemorySegment.copy(memory, JAVA_BYTE, 0, into, 0, count);
                return count;
            }
            outputEnded = true; // else its hang-up would keep fd() readable
            both.remove(output);
            return 0;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** Sends a signal to every process of the group, as long as the leader is not reaped. */
    public void signalGroup(int signal) {
        if (!reaped) kill(-pid, signal);
    }

    /**
     * Takes the leader's wait status if it has ended.
     *
     * @return the status as waitpid(2) gives it, empty while it lives
     */
    public OptionalInt reap() {
        if (reaped) throw new IllegalStateException("child " + pid + " was reaped before");
        long answer = waitpid(pid, WNOHANG);
        int who = (int) (answer >> 32);
        if (who == 0) return OptionalInt.empty();
        reaped = true;
        Libc.require(who, "waitpid", Integer.toString(pid));
        return OptionalInt.of((int) answer);
    }

    /**
     * Takes further members of the group that have become our children because their parent ended and we are the
     * process they fall to (process 1 of a container). True once there is none left to wait for.
     */
    public boolean reapOrphans() {
        int who;
        do {
            who = (int) (waitpid(-pid, WNOHANG) >> 32);
        } while (who > 0);
        return who < 0; // ECHILD; 0 means one is still dying
    }

    /** Lets go of the descriptors; the processes are not touched. */
    @Override
    public void close() {
        if (closed) return;
        closed = true;
        both.close();
        Libc.close(output);
        Libc.close(pidfd);
    }

    private static int spawn(
            Arena scratch, String program, List<String> arguments, List<String> environment, int output) {
        MemorySegment attributes = scratch.allocate(ATTRIBUTE_ROOM, 16);
        MemorySegment actions = scratch.allocate(ACTION_ROOM, 16);
        MemorySegment signals = scratch.allocate(SIGSET_BYTES, 16);
        MemorySegment pid = scratch.allocate(JAVA_INT);
        MemorySegment none = Libc.errnoSegment();
        try {
            check((int) Handles.ATTR_INIT.invokeExact(none, attributes), program);
            check((int) Handles.ACTIONS_INIT.invokeExact(none, actions), program);
            try {
                check((int) Handles.ATTR_GROUP.invokeExact(none, attributes, 0), program);
                check((int) Handles.ATTR_MASK.invokeExact(none, attributes, signals), program);
                signals.fill((byte) 0xff);
                check((int) Handles.ATTR_DEFAULTS.invokeExact(none, attributes, signals), program);
                short flags = SETPGROUP | SETSIGDEF | SETSIGMASK;
                check((int) Handles.ATTR_FLAGS.invokeExact(none, attributes, flags), program);
                MemorySegment devNull = scratch.allocateFrom("/dev/null");
                check((int) Handles.ADD_OPEN.invokeExact(none, actions, 0, devNull, 0, 0), program);
                check((int) Handles.ADD_DUP.invokeExact(none, actions, output, 1), program);
                check((int) Handles.ADD_DUP.invokeExact(none, actions, output, 2), program);
                check((int) Handles.ADD_CLOSE_FROM.invokeExact(none, actions, 3), program);
                check(
                        (int) Handles.SPAWN.invokeExact(
                                none,
                                pid,
                                scratch.allocateFrom(program),
                                actions,
                                attributes,
                                strings(scratch, arguments),
                                strings(scratch, environment)),
                        program);
            } finally {
                check((int) Handles.ACTIONS_DESTROY.invokeExact(none, actions), program);
                check((int) Handles.ATTR_DESTROY.invokeExact(none, attributes), program);
            }
        } catch (SyscallException refused) {
            throw refused;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
        return pid.get(JAVA_INT, 0);
    }

    /** These functions answer the errno itself. */
    private static void check(int errno, String program) {
        if (errno != 0) throw new SyscallException("posix_spawn", errno, program);
    }

    private static MemorySegment strings(Arena arena, List<String> strings) {
        MemorySegment array = arena.allocate(ADDRESS, strings.size() + 1L); // the last stays NULL
        for (int i = 0; i < strings.size(); i++) array.setAtIndex(ADDRESS, i, arena.allocateFrom(strings.get(i)));
        return array;
    }

    private static int pipe2(MemorySegment pair) {
        try {
            return Libc.result((int) Handles.PIPE.invokeExact(Libc.errnoSegment(), pair, O_CLOEXEC));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private static int nonBlocking(int fd) {
        try {
            return Libc.result((int) Handles.FCNTL.invokeExact(Libc.errnoSegment(), fd, F_SETFL, O_NONBLOCK));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private static int pidfdOpen(int pid) {
        try {
            return (int) Libc.result((long) Handles.SYSCALL.invokeExact(Libc.errnoSegment(), PIDFD_OPEN, pid, 0));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private static int kill(int who, int signal) {
        try {
            return Libc.result((int) Handles.KILL.invokeExact(Libc.errnoSegment(), who, signal));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    /** The child (or {@code -errno}) in the upper and its status in the lower 32 bits. */
    private static long waitpid(int who, int options) {
        MemorySegment status = Libc.scratch();
        try {
            int child = Libc.result((int) Handles.WAITPID.invokeExact(Libc.errnoSegment(), who, status, options));
            return (long) child << 32 | Integer.toUnsignedLong(status.get(JAVA_INT, 0));
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
