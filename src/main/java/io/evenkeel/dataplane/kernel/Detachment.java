package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.BpfFilesystem;
import io.evenkeel.linux.BpfLink;
import io.evenkeel.linux.BpfMap;
import io.evenkeel.linux.KernelRelease;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.NetlinkReply;
import io.evenkeel.linux.RouteSocket;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.linux.TcAttachment;
import io.evenkeel.linux.TcDirection;
import io.evenkeel.model.Refused;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes everything out of the kernel that an instance has ever put there: programs, filters, maps, of whatever version.
 * Works without a director and after a crash, and never beside one. Any thread, in the director's network namespace.
 */
public final class Detachment {
    private static final long INDEX = Abi.offset(Abi.INTERFACE, "index");

    private final Pins pins;
    private final Map<Integer, String> names = new HashMap<>();
    private final List<String> said = new ArrayList<>();

    /** What {@link #of} came to. */
    public sealed interface Result {
        /** @param said a line for each thing that was removed, or could not be; empty if there was nothing */
        record Done(List<String> said) implements Result {
            public Done {
                said = List.copyOf(said);
            }
        }

        record Denied(Refused refused) implements Result {}
    }

    private Detachment(Pins pins) {
        this.pins = pins;
    }

    /** Removes all of an instance, unless its director runs. */
    public static Result of(Instance instance) {
        Optional<Path> filesystem = BpfFilesystem.find();
        if (filesystem.isEmpty()) return new Result.Done(List.of());
        return switch (Pins.open(filesystem.get(), instance.name(), Abi.VERSION)) {
            case Pins.Opening.Denied(Refused refused) -> new Result.Denied(refused);
            case Pins.Opening.Open(Pins pins) -> {
                try (pins) {
                    yield new Detachment(pins).everything();
                } catch (IOException | SyscallException | BpfException refused) {
                    yield new Result.Denied(new Refused(
                            "not all of the instance " + instance.name() + " could be removed: " + refused.getMessage(),
                            "see bpftool net show"));
                }
            }
        };
    }

    private Result everything() throws IOException {
        try (RouteSocket questions = new RouteSocket()) {
            if (questions.links() instanceof NetlinkReply.Answer<List<Link>>(List<Link> links)) {
                for (Link link : links) names.put(link.index(), link.name());
            }
        }
        for (Path set : pins.sets()) {
            if (!KernelRelease.current().atLeast(6, 6)) filters(set);
            for (Path pin : Pins.links(set)) link(pin);
            maps(set);
        }
        pins.remove();
        for (Path left : pins.foreign()) said.add("left " + left + ", which is not evenkeel's");
        return new Result.Done(said);
    }

    private void link(Path pin) {
        String where = Pins.place(pin);
        int index = Pins.index(pin);
        try (BpfLink link = BpfLink.open(pin)) {
            int really = link.info().interfaceIndex();
            link.detach();
            String device = names.getOrDefault(index, "interface " + index);
            said.add(
                    really == index
                            ? "took the program off " + device + " at " + where
                            : "removed the link of an interface that has left, number " + index);
        } catch (SyscallException refused) {
            said.add(
                    "could not take the program off interface " + index + " at " + where + ": " + refused.getMessage());
        }
    }

    /** Before tcx, the way out is a filter, which no pin holds; it is where the interfaces' map says. */
    private void filters(Path set) {
        Path interfaces = set.resolve("ek_interfaces");
        if (!Files.exists(interfaces)) return;
        Bpf bpf = Bpf.load(Bpf.LIBRARY);
        try (Arena arena = Arena.ofConfined();
                BpfMap map = BpfMap.open(interfaces)) {
            MemorySegment key = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment value = arena.allocate(map.valueBytes(), 8);
            for (int i = 0; i < map.maxEntries(); i++) {
                key.set(ValueLayout.JAVA_INT, 0, i);
                if (map.lookup(key, value) < 0) continue;
                String device = names.get(value.get(ValueLayout.JAVA_INT, INDEX));
                if (device != null) filter(bpf, device);
            }
        }
    }

    private void filter(Bpf bpf, String device) {
        Optional<TcAttachment> filter = bpf.clsact(device, TcDirection.EGRESS);
        if (filter.isEmpty()) return;
        filter.get().detach();
        said.add("took the filter off " + device);
    }

    private void maps(Path set) throws IOException {
        int count = Pins.maps(set).size();
        if (count > 0) said.add("removed " + count + " maps under " + set);
    }
}
