package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.BpfLink;
import io.evenkeel.linux.BpfMap;
import io.evenkeel.linux.DirectoryLock;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.model.Refused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What one instance keeps in a bpf filesystem, so that forwarding outlives its process:
 * {@code evenkeel/INSTANCE/vLAYOUT/} with every map under its name, and for each interface by its index the program's link
 * at XDP and at tcx. Locked, so that there is one director of an instance; the kernel takes the lock back when the process
 * ends. Owned by one thread at a time.
 */
final class Pins implements AutoCloseable {
    private static final String ROOT = "evenkeel";
    private static final String VERSION = "v";
    private static final String MAP = "ek_"; // so all of our maps are called
    private static final String XDP = "xdp_";
    private static final String TCX = "tcx_";
    private static final int LOCK_ATTEMPTS = 10;

    private final Path root; // of all instances
    private final Path home;
    private final Path set;
    private final String instance;
    private final DirectoryLock lock;

    /** What {@link #open} came to. */
    sealed interface Opening {
        record Open(Pins pins) implements Opening {}

        record Denied(Refused refused) implements Opening {}
    }

    private Pins(Path root, Path home, String instance, int layout, DirectoryLock lock) {
        this.root = root;
        this.home = home;
        this.instance = instance;
        set = home.resolve(VERSION + layout);
        this.lock = lock;
    }

    /**
     * Makes the instance's directory if it is not there, and locks it.
     *
     * @param filesystem where a bpf filesystem is mounted
     * @param layout {@link Abi#VERSION}
     */
    static Opening open(Path filesystem, String instance, int layout) {
        Path root = filesystem.resolve(ROOT);
        Path home = root.resolve(instance);
        try {
            for (int i = 0; i < LOCK_ATTEMPTS; i++) {
                Files.createDirectories(home);
                Optional<DirectoryLock> lock = DirectoryLock.of(home);
                if (lock.isEmpty()) return new Opening.Denied(taken(instance));
                // Whoever held it until now may have removed the directory when it went.
                if (Files.isDirectory(home))
                    return new Opening.Open(new Pins(root, home, instance, layout, lock.get()));
                lock.get().close();
            }
            return new Opening.Denied(taken(instance));
        } catch (IOException | SyscallException refused) {
            return new Opening.Denied(new Refused(
                    "cannot keep anything in the bpf filesystem under " + home + ": " + refused.getMessage(),
                    "run as root, or give this user a bpf filesystem of its own"));
        }
    }

    private static Refused taken(String instance) {
        return new Refused(
                "another director of the instance " + instance + " runs", "stop it, or choose another --instance");
    }

    String instance() {
        return instance;
    }

    Path set() {
        return set;
    }

    /** Where a program's link on an interface is kept. */
    Path xdp(int interfaceIndex) {
        return set.resolve(XDP + interfaceIndex);
    }

    Path tcx(int interfaceIndex) {
        return set.resolve(TCX + interfaceIndex);
    }

    Path map(String name) {
        return set.resolve(name);
    }

    /** Makes the set's directory if it is not there. */
    void create() throws IOException {
        Files.createDirectories(set);
    }

    /** Sets of other layouts that hold a program on an interface. */
    List<Path> foreignSets() throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path each : sets()) if (!each.equals(set) && !links(each).isEmpty()) found.add(each);
        return found;
    }

    /** All sets of this instance, whatever their layout. */
    List<Path> sets() throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path each : entries(home)) {
            if (name(each).matches(VERSION + "[0-9]+") && Files.isDirectory(each)) found.add(each);
        }
        return found;
    }

    /** Paths of pinned links in a set. */
    static List<Path> links(Path set) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path each : entries(set)) if (isLink(each)) found.add(each);
        return found;
    }

    /** Paths of pinned maps in a set. */
    static List<Path> maps(Path set) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path each : entries(set)) if (isMap(each)) found.add(each);
        return found;
    }

    /** The interface of a pinned link. */
    static int index(Path pin) {
        return Integer.parseInt(name(pin).substring(name(pin).indexOf('_') + 1));
    }

    /** Where a pinned link has its program, for messages. */
    static String place(Path pin) {
        return name(pin).startsWith(XDP) ? "XDP" : "TC";
    }

    /** What stands in the instance's directory and is not ours. */
    List<Path> foreign() throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path each : entries(home)) {
            if (!sets().contains(each)) found.add(each);
            else for (Path pin : entries(each)) if (!isMap(pin) && !isLink(pin)) found.add(pin);
        }
        return found;
    }

    private static boolean isLink(Path pin) {
        return name(pin).matches("(" + XDP + "|" + TCX + ")[0-9]{1,9}");
    }

    private static boolean isMap(Path pin) {
        return name(pin).startsWith(MAP);
    }

    /** Of this set's XDP links, or of its tcx links, those whose interfaces are still there, by the interface's index. */
    Map<Integer, BpfLink> links(boolean xdp) throws IOException {
        Map<Integer, BpfLink> found = new TreeMap<>();
        for (Path pin : links(set)) {
            if (name(pin).startsWith(XDP) != xdp) continue;
            BpfLink link = BpfLink.open(pin);
            int index = link.info().interfaceIndex();
            if (index == index(pin)) {
                found.put(index, link);
                continue;
            }
            link.close(); // its interface has left
            Files.deleteIfExists(pin);
        }
        return found;
    }

    /**
     * The maps of this set by name; what is not ours is not looked at.
     *
     * @throws SyscallException if something under a map's name is none
     */
    Map<String, BpfMap> maps() throws IOException {
        Map<String, BpfMap> maps = new LinkedHashMap<>();
        try {
            for (Path pin : maps(set)) maps.put(name(pin), BpfMap.open(pin));
        } catch (IOException | RuntimeException refused) {
            maps.values().forEach(BpfMap::close);
            throw refused;
        }
        return maps;
    }

    /** Removes one pin, if it is there. */
    static void unpin(Path pin) {
        try {
            Files.deleteIfExists(pin);
        } catch (IOException refused) {
            throw new UncheckedIOException("cannot remove " + pin, refused);
        }
    }

    /** Removes every pin of ours, and the directories that are empty then. What is attached has to be detached before. */
    void remove() throws IOException {
        clear();
        removeDirectories();
    }

    /** Removes every pin of ours from all sets, of which none may be in force; what is not ours stays. */
    void clear() throws IOException {
        for (Path each : sets()) {
            for (Path pin : entries(each)) if (isMap(pin) || isLink(pin)) Files.deleteIfExists(pin);
            if (entries(each).isEmpty()) Files.deleteIfExists(each);
        }
    }

    /** Removes the instance's directory and that of all instances, as far as they are empty. */
    void removeDirectories() {
        try {
            Files.deleteIfExists(home);
            Files.deleteIfExists(root);
        } catch (IOException notEmpty) {
            // somebody else's is in it
        }
    }

    static List<Path> entries(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            all.forEach(entries::add);
        } catch (NoSuchFileException none) {
            return List.of();
        }
        entries.sort(null);
        return entries;
    }

    static String name(Path pin) {
        return String.valueOf(pin.getFileName());
    }

    /** The remedy when what is pinned cannot be taken over. */
    String remedy() {
        return "evenkeel detach --instance " + instance + " removes it, and its traffic stops until the next run";
    }

    /** For messages. */
    static String names(List<Path> paths) {
        return paths.stream().map(Path::toString).collect(Collectors.joining(", "));
    }

    /** Lets the next director of this instance in. */
    @Override
    public void close() {
        lock.close();
    }
}
