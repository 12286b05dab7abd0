package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The types an object says it uses (its BTF, as the kernel's Documentation/bpf/btf.rst describes it), compared with Java's
 * mirror of them. Belongs to the thread of its {@link BpfObject} and lives as long as that.
 */
final class BpfTypes {
    static final int KIND_STRUCT = 4;
    static final int KIND_ENUM = 6;
    private static final int MEMBERS = 0xffff; // of info: how many
    private static final int BITS_IN_BYTE = 8;

    private static final long TYPE_BYTES = BpfLayouts.BTF_TYPE.byteSize();
    private static final long MEMBER_BYTES = BpfLayouts.BTF_MEMBER.byteSize();
    private static final long ENUM_BYTES = BpfLayouts.BTF_ENUM.byteSize();
    private static final long INFO = Layouts.offset(BpfLayouts.BTF_TYPE, "info");
    private static final long SIZE = Layouts.offset(BpfLayouts.BTF_TYPE, "size");

    private final Libbpf libbpf;
    private final MemorySegment types;

    BpfTypes(Libbpf libbpf, MemorySegment types) {
        this.libbpf = libbpf;
        this.types = types;
    }

    /** Where a member lies and how long it is, in bytes. */
    private record Place(long offset, long size) {
        @Override
        public String toString() {
            return size + " bytes at " + offset;
        }
    }

    /** One sentence for each difference; empty if both sides agree. */
    List<String> differences(BpfMirror mirror) {
        List<String> found = new ArrayList<>();
        for (StructLayout struct : mirror.structs()) compare(struct, found);
        mirror.enums().forEach((name, constants) -> compare(name, constants, found));
        return found;
    }

    private void compare(StructLayout ours, List<String> found) {
        String name = ours.name().orElseThrow();
        MemorySegment type = find(name, KIND_STRUCT);
        if (type.address() == 0) {
            found.add("the object knows no struct " + name);
            return;
        }
        long theirSize = Integer.toUnsignedLong(type.get(JAVA_INT_UNALIGNED, SIZE));
        if (theirSize != ours.byteSize()) {
            found.add("struct " + name + " has " + theirSize + " bytes, Java's " + ours.byteSize());
        }
        Map<String, Place> theirMembers = members(type);
        Map<String, Place> ourMembers = new TreeMap<>();
        for (MemoryLayout member : ours.memberLayouts()) {
            member.name()
                    .ifPresent(
                            field -> ourMembers.put(field, new Place(Layouts.offset(ours, field), member.byteSize())));
        }
        compare("struct " + name, theirMembers, ourMembers, found);
    }

    private void compare(String name, Map<String, Integer> ours, List<String> found) {
        MemorySegment type = find(name, KIND_ENUM);
        if (type.address() == 0) found.add("the object knows no enum " + name);
        else compare("enum " + name, constants(type), ours, found);
    }

    private static <T> void compare(String owner, Map<String, T> theirs, Map<String, T> ours, List<String> found) {
        theirs.forEach((member, place) -> {
            T mine = ours.get(member);
            if (mine == null) found.add(owner + ": " + member + " is " + place + ", Java has none");
            else if (!mine.equals(place)) found.add(owner + ": " + member + " is " + place + ", Java's " + mine);
        });
        for (String member : new TreeMap<>(ours).keySet()) {
            if (!theirs.containsKey(member)) found.add(owner + ": Java has " + member + ", the object has none");
        }
    }

    /** The type with all that follows it, or NULL. */
    private MemorySegment find(String name, int kind) {
        int id;
        try (Arena arena = Arena.ofConfined()) {
            id = (int) libbpf.findType.invokeExact(Libc.errnoSegment(), types, arena.allocateFrom(name), kind);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
        if (id < 0) return MemorySegment.NULL;
        MemorySegment head = Libbpf.memory(Libbpf.at(libbpf.typeById, types, id), TYPE_BYTES);
        int count = head.get(JAVA_INT_UNALIGNED, INFO) & MEMBERS;
        return Libbpf.memory(head, TYPE_BYTES + count * (kind == KIND_STRUCT ? MEMBER_BYTES : ENUM_BYTES));
    }

    private Map<String, Place> members(MemorySegment struct) {
        int info = struct.get(JAVA_INT_UNALIGNED, INFO);
        // With the kind flag an offset has the width of a bit field in its upper 8 bits; records of ours have none.
        int offsetMask = info < 0 ? 0xffffff : -1;
        Map<String, Place> members = new TreeMap<>();
        for (int i = 0; i < (info & MEMBERS); i++) {
            MemorySegment member = struct.asSlice(TYPE_BYTES + i * MEMBER_BYTES, MEMBER_BYTES);
            String name = name(member.get(JAVA_INT_UNALIGNED, 0));
            int bits = member.get(JAVA_INT_UNALIGNED, 8) & offsetMask;
            members.put(name, new Place(bits / BITS_IN_BYTE, size(member.get(JAVA_INT_UNALIGNED, 4))));
        }
        return members;
    }

    private Map<String, Integer> constants(MemorySegment type) {
        int count = type.get(JAVA_INT_UNALIGNED, INFO) & MEMBERS;
        Map<String, Integer> constants = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            MemorySegment constant = type.asSlice(TYPE_BYTES + i * ENUM_BYTES, ENUM_BYTES);
            constants.put(name(constant.get(JAVA_INT_UNALIGNED, 0)), constant.get(JAVA_INT_UNALIGNED, 4));
        }
        return constants;
    }

    private String name(int offset) {
        return Libbpf.string(Libbpf.at(libbpf.nameAt, types, offset));
    }

    private long size(int type) {
        try {
            return (long) libbpf.resolveSize.invokeExact(Libc.errnoSegment(), types, type);
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }
}
