package io.evenkeel.traffic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the kernel dropped before a UDP socket could read it, from the last column of {@code /proc/net/udp} and
 * {@code udp6}: the same counter that SO_RXQ_OVFL reports. Any thread.
 */
final class KernelDrops {
    private KernelDrops() {}

    private static final int LOCAL_COLUMN = 1;
    private static final int DROPS_COLUMN = 12;

    /** Sum over the sockets of this network namespace that are bound to one of {@code addresses}. */
    static long sum(Collection<InetSocketAddress> addresses) {
        Set<String> wanted = new HashSet<>();
        boolean v4 = false;
        boolean v6 = false;
        for (InetSocketAddress address : addresses) {
            wanted.add(asInProc(address));
            if (address.getAddress() instanceof Inet6Address) v6 = true;
            else v4 = true;
        }
        return (v4 ? sum(Path.of("/proc/self/net/udp"), wanted) : 0)
                + (v6 ? sum(Path.of("/proc/self/net/udp6"), wanted) : 0);
    }

    private static long sum(Path table, Set<String> wanted) {
        long drops = 0;
        for (String line : lines(table)) {
            String[] columns = line.strip().split("\\s+");
            if (columns.length <= DROPS_COLUMN || !wanted.contains(columns[LOCAL_COLUMN])) continue;
            drops += Long.parseLong(columns[DROPS_COLUMN]);
        }
        return drops;
    }

    private static List<String> lines(Path table) {
        try {
            return Files.readAllLines(table);
        } catch (NoSuchFileException absent) {
            return List.of(); // a kernel without IPv6 has no udp6
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The kernel prints each 32-bit word of an address in host order: on a little-endian machine bytes come reversed. */
    static String asInProc(InetSocketAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        StringBuilder text = new StringBuilder();
        for (int word = 0; word < bytes.length; word += 4) {
            for (int i = 3; i >= 0; i--) text.append(String.format(Locale.ROOT, "%02X", bytes[word + i] & 0xff));
        }
        return text.append(':')
                .append(String.format(Locale.ROOT, "%04X", address.getPort()))
                .toString();
    }
}
