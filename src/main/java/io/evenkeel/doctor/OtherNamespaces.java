package io.evenkeel.doctor;

import io.evenkeel.linux.Link;
import io.evenkeel.linux.RouteSocket;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the network namespace that the other end of a veth is in: among those with a name, as {@code ip netns} gives, and
 * those of processes, as containers have. Owned by one platform thread.
 */
final class OtherNamespaces {
    private static final Path NAMED = Path.of("/run/netns");
    private static final Path PROC = Path.of("/proc");

    /** More namespaces than this are not looked into. */
    private static final int MOST = 1_024;

    private final RouteSocket questions;
    private @Nullable List<Namespace> all;

    /**
     * @param path what leads there
     * @param prefix what runs a command there
     */
    record Namespace(Path path, String prefix) {}

    OtherNamespaces(RouteSocket questions) {
        this.questions = questions;
    }

    /** Empty if it is out of reach: without a name or a process that we may look at. */
    Optional<Namespace> of(Link veth) {
        OptionalInt number = questions.lowerNamespace(veth.index());
        if (number.isEmpty()) return Optional.empty();
        for (Namespace namespace : all()) {
            if (questions.numberOf(namespace.path()).equals(number)) return Optional.of(namespace);
        }
        return Optional.empty();
    }

    private List<Namespace> all() {
        if (all != null) return all;
        List<Namespace> found = new ArrayList<>();
        Set<Path> seen = new HashSet<>();
        list(NAMED, "*", path -> found.add(new Namespace(path, "ip netns exec " + path.getFileName())));
        list(PROC, "[0-9]*", process -> {
            Path path = process.resolve("ns/net");
            if (seen.add(Files.readSymbolicLink(path))) {
                found.add(new Namespace(path, "nsenter -t " + process.getFileName() + " -n"));
            }
        });
        all = found;
        return found;
    }

    private interface Visitor {
        void visit(Path path) throws IOException;
    }

    private static void list(Path directory, String pattern, Visitor visitor) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, pattern)) {
            int count = 0;
            for (Path entry : entries) {
                if (count == MOST) return;
                try {
                    visitor.visit(entry);
                    count++;
                } catch (IOException unseen) {
                    // another user's process, or it has ended
                }
            }
        } catch (IOException | DirectoryIteratorException none) {
            // no namespace has a name
        }
    }
}
