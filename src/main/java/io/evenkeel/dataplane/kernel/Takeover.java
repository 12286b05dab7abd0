package io.evenkeel.dataplane.kernel;

import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.BpfMap;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.model.Refused;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The beginning of a plane: with maps of its own, pinned for whoever comes after it, or with those that another process
 * has left in force. Nothing that is in force is touched here, and on a refusal all stays as it was. One thread.
 */
final class Takeover {
    private Takeover() {}

    /** What a beginning came to. */
    sealed interface Begun {
        /** @param inherited with maps that another process made */
        record With(KernelObject object, boolean inherited) implements Begun {}

        record Denied(Refused refused) implements Begun {}
    }

    /** @param log where the verifier's log goes if the kernel refuses the program */
    static Begun begin(Bpf bpf, byte[] elf, MapSizes sizes, Pins pins, Path log) {
        try {
            List<Path> others = pins.foreignSets();
            if (!others.isEmpty()) {
                String what =
                        "another version of evenkeel has left its program in force, and its maps have another layout"
                                + " than v" + Abi.VERSION + ": " + Pins.names(others);
                return new Begun.Denied(new Refused(what, pins.remedy()));
            }
            // Without a program on any interface nothing is in force: what is left is of a process that had just begun.
            if (Pins.links(pins.set()).isEmpty()) return afresh(bpf, elf, sizes, pins, log);
            return takeOver(bpf, elf, sizes, pins, log);
        } catch (IOException | SyscallException | BpfException refused) {
            return new Begun.Denied(new Refused(String.valueOf(refused.getMessage()), ""));
        }
    }

    private static Begun afresh(Bpf bpf, byte[] elf, MapSizes sizes, Pins pins, Path log) throws IOException {
        pins.clear();
        pins.create();
        try {
            KernelObject object = KernelObject.load(
                    bpf,
                    elf,
                    sizes,
                    log,
                    Map.of(),
                    (name, map) -> Libc.require(
                            map.pin(pins.map(name)), "pin", pins.map(name).toString()));
            return new Begun.With(object, false);
        } catch (SyscallException | BpfException refused) {
            pins.remove();
            throw refused;
        }
    }

    private static Begun takeOver(Bpf bpf, byte[] elf, MapSizes sizes, Pins pins, Path log) throws IOException {
        Map<String, BpfMap> left = pins.maps();
        try {
            return new Begun.With(KernelObject.load(bpf, elf, sizes, log, left, (_, _) -> {}), true);
        } catch (SyscallException | BpfException refused) {
            return new Begun.Denied(new Refused(
                    "what another process has left in force under " + pins.set() + " cannot be taken over: "
                            + refused.getMessage(),
                    pins.remedy()));
        } finally {
            left.values().forEach(BpfMap::close);
        }
    }
}
