package io.evenkeel.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds which processes hold sockets, as far as this process may see. Any thread. */
final class SocketOwners {
    private static final Path PROC = Path.of("/proc");
    private static final String SOCKET = "socket:[";
    private static final String OURS = "io.evenkeel";

    private SocketOwners() {}

    /** The ports with their owners' names, without those of Evenkeel itself. */
    static List<BoundPort> named(List<BoundPort> ports) {
        if (ports.isEmpty()) return ports;
        Map<Long, BoundPort> wanted = new HashMap<>();
        for (BoundPort port : ports) wanted.put(port.inode(), port);
        Map<Long, Path> owners = owners(wanted);
        List<BoundPort> named = new ArrayList<>();
        for (BoundPort port : ports) {
            Path process = owners.get(port.inode());
            if (process == null) {
                named.add(port);
            } else if (!text(process.resolve("cmdline")).contains(OURS)) {
                long pid = Long.parseLong(process.getFileName().toString());
                named.add(port.ownedBy(text(process.resolve("comm")).strip() + " (pid " + pid + ")", pid));
            }
        }
        return named;
    }

    private static Map<Long, Path> owners(Map<Long, BoundPort> wanted) {
        Map<Long, Path> owners = new HashMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) look(process, wanted, owners);
        } catch (IOException unseen) {
            // then they have no names
        }
        return owners;
    }

    private static void look(Path process, Map<Long, BoundPort> wanted, Map<Long, Path> owners) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path descriptor : descriptors) {
                String target = Files.readSymbolicLink(descriptor).toString();
                if (!target.startsWith(SOCKET)) continue;
                long inode = Long.parseLong(target.substring(SOCKET.length(), target.length() - 1));
                if (wanted.containsKey(inode)) owners.putIfAbsent(inode, process);
            }
        } catch (IOException | DirectoryIteratorException unseen) {
            // another user's, or it has ended
        }
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }
}
