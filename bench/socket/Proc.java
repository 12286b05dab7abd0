import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What the kernel tells about processes, sockets and the machine, from /proc (see proc(5)). */
final class Proc {
    /** USER_HZ, the unit of times in /proc, is 100 on every Linux that runs a JDK. */
    private static final double TICKS_PER_SECOND = 100;

    private Proc() {}

    /**
     * User and system time of a process, its living descendants and its children that were waited for, in seconds, to
     * 10 ms. What the kernel does for a datagram inside a process's send call, up to the receiver's queue, is in it.
     */
    static double cpuSeconds(ProcessHandle process) {
        return Stream.concat(Stream.of(process), process.descendants())
                .mapToDouble(each -> ownCpuSeconds(each.pid()))
                .sum();
    }

    private static double ownCpuSeconds(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            double ticks = 0;
            for (int field = 11; field <= 14; field++) { // utime, stime, cutime, cstime: 14th to 17th of the line
                ticks += Double.parseDouble(fields[field]);
            }
            return ticks / TICKS_PER_SECOND;
        } catch (IOException gone) {
            return 0; // it ended between the listing and the reading
        }
    }

    /** Time that all processors together have spent busy, in seconds. Stolen time counts: we did not get it. */
    static double busySeconds() throws IOException {
        String[] fields = Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +");
        double ticks = 0;
        for (int field : new int[] {1, 2, 3, 6, 7, 8}) { // user, nice, system, irq, softirq, steal
            ticks += Double.parseDouble(fields[field]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    /** Whether some socket is bound to exactly this address ({@code protocol} is udp or tcp). */
    static boolean isBound(String protocol, InetSocketAddress where) throws IOException {
        return !socketsAt(protocol, where).isEmpty();
    }

    /** Datagrams that the kernel dropped at the UDP sockets now bound to this address. */
    static long queueDrops(InetSocketAddress where) throws IOException {
        return socketsAt("udp", where).stream()
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static List<String> socketsAt(String protocol, InetSocketAddress where) throws IOException {
        byte[] b = where.getAddress().getAddress();
        String local = "%02X%02X%02X%02X:%04X".formatted(b[3], b[2], b[1], b[0], where.getPort());
        boolean listening =
                protocol.equals("tcp"); // a listener's remote address is all zero, and so is an open UDP socket's
        String wanted = local + (listening ? " 00000000:0000 0A" : " 00000000:0000");
        return Files.readAllLines(Path.of("/proc/net/" + protocol)).stream()
                .map(String::strip)
                .filter(line -> line.toUpperCase(Locale.ROOT).contains(": " + wanted))
                .toList();
    }

    static String processorModel() throws IOException {
        return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .findFirst()
                .orElse("unknown processor");
    }
}
