package io.evenkeel.realserver;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the kernel's tables of sockets (/proc/net/udp, udp6, tcp, tcp6; proc_net(5)). An address there is hexadecimal, in
 * words of 32 bits of the machine's byte order. Pure.
 */
final class SocketTable {
    private static final String LISTENING = "0A";
    private static final int INODE = 9;

    /** More lines are not looked at: a machine with more sockets has a better tool. */
    static final int MOST_LINES = 200_000;

    private SocketTable() {}

    /**
     * A socket that takes what comes from anybody.
     *
     * @param local the address it is bound to, or that of nobody for any
     * @param inode by which its process is found
     */
    record Open(Endpoint local, long inode) {}

    /**
     * The unconnected sockets of a UDP table, or the listening ones of a TCP table; a line that cannot be read is none.
     *
     * @param little the machine's byte order
     */
    static List<Open> parse(List<String> lines, boolean tcp, boolean little) {
        List<Open> found = new ArrayList<>();
        for (String line : lines.subList(0, Math.min(lines.size(), MOST_LINES))) {
            String[] words = line.strip().split("\\s+");
            if (words.length <= INODE || !words[0].endsWith(":")) continue;
            if (tcp && !words[3].equals(LISTENING)) continue;
            Optional<Endpoint> local = endpoint(words[1], little);
            Optional<Endpoint> remote = endpoint(words[2], little);
            if (local.isEmpty() || remote.isEmpty() || remote.get().port() != 0) continue;
            if (words[INODE].matches("[0-9]{1,18}")) found.add(new Open(local.get(), Long.parseLong(words[INODE])));
        }
        return found;
    }

    private static Optional<Endpoint> endpoint(String text, boolean little) {
        if (!text.matches("([0-9A-F]{8}|[0-9A-F]{32}):[0-9A-F]{4}")) return Optional.empty();
        int colon = text.indexOf(':');
        byte[] bytes = new byte[colon / 2];
        for (int i = 0; i < bytes.length; i++) {
            int at = little ? i / 4 * 4 + 3 - i % 4 : i;
            bytes[i] = (byte) Integer.parseInt(text.substring(2 * at, 2 * at + 2), 16);
        }
        return Optional.of(new Endpoint(IpAddress.ofBytes(bytes), Integer.parseInt(text.substring(colon + 1), 16)));
    }
}
