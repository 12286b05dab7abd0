package io.evenkeel.realserver;

import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.realserver.SocketTable.Open;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether somebody is there to answer from a VIP: the sockets that would get its packets, as the kernel lists them. Any
 * thread.
 */
public final class DaemonCheck {
    private static final Path PROC = Path.of("/proc");

    private DaemonCheck() {}

    /** What a look at the sockets proves. */
    public enum Answer {
        /** A socket is bound to the VIP: what it sends comes from there. */
        FROM_VIP("bound to the VIP, answers from it", true),
        /** TCP, bound to any address: a connection keeps the address it was made to. */
        FROM_CONNECTION("bound to any address; TCP answers from the VIP", true),
        /** UDP, bound to any address. */
        UNPROVEN(
                "bound to any address: answers come from the VIP only if it uses IP_PKTINFO; bind it to the VIP, or watch"
                        + " where its answers come from",
                false),
        /** Nobody. */
        NOBODY("nobody listens there", false);

        private final String sentence;
        private final boolean good;

        Answer(String sentence, boolean good) {
            this.sentence = sentence;
            this.good = good;
        }

        public String sentence() {
            return sentence;
        }

        /** Whether it is certain that answers come from the VIP. */
        public boolean good() {
            return good;
        }
    }

    /**
     * @param process name and number of who has the socket; empty if that may not be seen
     */
    public record Finding(IpAddress vip, Check check, Answer answer, String process) {
        @Override
        public String toString() {
            return vip + " " + check + ": " + answer.sentence() + (process.isEmpty() ? "" : " (" + process + ")");
        }
    }

    /** Looks at the sockets of this network namespace, for every check and VIP. */
    static List<Finding> now(Assignment assignment) {
        List<Finding> findings = new ArrayList<>();
        for (Check check : assignment.checks()) {
            List<Open> v4 = sockets(check.protocol(), "");
            List<Open> v6 = sockets(check.protocol(), "6");
            for (IpAddress vip : assignment.vips()) {
                Judgement judged = judge(vip, check, v4, v6);
                findings.add(new Finding(
                        vip,
                        check,
                        judged.answer,
                        judged.socket.map(DaemonCheck::owner).orElse("")));
            }
        }
        return List.copyOf(findings);
    }

    record Judgement(Answer answer, Optional<Open> socket) {}

    /**
     * Pure. A socket of IPv6 that is bound to any address takes IPv4 too, unless it was told not to, which the table does
     * not say.
     */
    static Judgement judge(IpAddress vip, Check check, List<Open> v4, List<Open> v6) {
        Optional<Open> bound = Stream.concat(v4.stream(), v6.stream())
                .filter(s -> s.local().port() == check.port() && same(s.local().address(), vip))
                .findFirst();
        if (bound.isPresent()) return new Judgement(Answer.FROM_VIP, bound);
        Stream<Open> candidates = vip.v6() ? v6.stream() : Stream.concat(v4.stream(), v6.stream());
        Optional<Open> any = candidates
                .filter(s ->
                        s.local().port() == check.port() && s.local().address().isAny())
                .findFirst();
        if (any.isEmpty()) return new Judgement(Answer.NOBODY, any);
        return new Judgement(check.protocol() == Protocol.TCP ? Answer.FROM_CONNECTION : Answer.UNPROVEN, any);
    }

    /** An IPv4 address stands in IPv6's table as ::ffff:a.b.c.d. */
    private static boolean same(IpAddress bound, IpAddress vip) {
        if (bound.equals(vip)) return true;
        return bound.v6() && !vip.v6() && bound.high() == 0 && bound.low() == (0xffffL << 32 | vip.low());
    }

    private static List<Open> sockets(Protocol protocol, String family) {
        Path table = PROC.resolve("net").resolve(protocol.lower() + family);
        try (Stream<String> lines = Files.lines(table)) {
            boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
            return SocketTable.parse(lines.limit(SocketTable.MOST_LINES).toList(), protocol == Protocol.TCP, little);
        } catch (IOException absent) {
            return List.of(); // the kernel has no such family
        }
    }

    private static String owner(Open socket) {
        String wanted = "socket:[" + socket.inode() + "]";
        return ProcessHandle.allProcesses()
                .filter(process -> has(process.pid(), wanted))
                .findFirst()
                .map(process -> name(process.pid()) + ", pid " + process.pid())
                .orElse("");
    }

    private static boolean has(long pid, String wanted) {
        try (Stream<Path> descriptors = Files.list(PROC.resolve(pid + "/fd"))) {
            return descriptors.anyMatch(fd -> leadsTo(fd, wanted));
        } catch (IOException | java.io.UncheckedIOException hidden) {
            return false; // not ours to see, or gone
        }
    }

    private static boolean leadsTo(Path fd, String wanted) {
        try {
            return Files.readSymbolicLink(fd).toString().equals(wanted);
        } catch (IOException closed) {
            return false;
        }
    }

    private static String name(long pid) {
        try {
            return Files.readString(PROC.resolve(pid + "/comm")).strip();
        } catch (IOException gone) {
            return "a process";
        }
    }
}
