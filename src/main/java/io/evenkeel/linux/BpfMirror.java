package io.evenkeel.linux;

import java.lang.foreign.StructLayout;
import java.util.List;
import java.util.Map;

/**
 * What Java believes of the records it shares with a BPF program, to be compared with the program's own debug information
 * ({@link BpfObject#require}). Immutable; any thread.
 *
 * @param structs each with the C name of its type, the keyword left out, and every named member in it
 * @param enums the C name of each, the keyword left out, and all of its constants
 */
public record BpfMirror(List<StructLayout> structs, Map<String, Map<String, Integer>> enums) {
    public BpfMirror {
        structs = List.copyOf(structs);
        enums = Map.copyOf(enums);
    }
}
