package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.evenkeel.dataplane.Usability;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.nio.ByteOrder;

/**
 * Java's mirror of {@code src/main/bpf/abi.h}, which says what each member means. When the object is loaded both are
 * compared through its BTF. Constants only; any thread.
 *
 * <p>Addresses and ports lie in network order. {@link #wire} turns a port, and an address, into the number that reads
 * like that in this machine's order, which is how the program compares and hashes them.
 */
final class Abi {
    static final int VERSION = 2;

    static final int NOWHERE = 0x7fffffff;
    static final int DEAL_FIRST = 32;
    static final int DEAL_SUSPECTS = 31;
    static final int INTERFACES = 1_024;

    static final StructLayout SIZES = structLayout(
                    JAVA_INT.withName("services"),
                    JAVA_INT.withName("service_mask"),
                    JAVA_INT.withName("slots"),
                    JAVA_INT.withName("servers"),
                    JAVA_INT.withName("endpoint_mask"),
                    JAVA_INT.withName("own_mask"),
                    sequenceLayout(2, JAVA_INT).withName("pad"))
            .withName("ek_sizes");

    static final StructLayout CONTROL = structLayout(
                    JAVA_INT.withName("half"),
                    JAVA_INT.withName("routes_epoch"),
                    sequenceLayout(2, JAVA_LONG).withName("seed"),
                    JAVA_LONG.withName("own_seed"),
                    SIZES.withName("sizes"),
                    sequenceLayout(64, JAVA_BYTE).withName("pad"))
            .withName("ek_control");

    static final StructLayout PLACE4 = structLayout(
                    JAVA_INT.withName("address"),
                    JAVA_SHORT.withName("port"),
                    JAVA_BYTE.withName("protocol"),
                    JAVA_BYTE.withName("pad"),
                    JAVA_INT.withName("at"),
                    JAVA_INT.withName("pad2"))
            .withName("ek_place4");

    static final int PLACES_PER_BUCKET = 4;

    static final StructLayout BUCKET4 = structLayout(
                    sequenceLayout(PLACES_PER_BUCKET, PLACE4).withName("place"))
            .withName("ek_bucket4");

    static final StructLayout SERVICE = structLayout(
                    JAVA_INT.withName("first_slot"),
                    JAVA_INT.withName("slots"),
                    JAVA_LONG.withName("deal"),
                    JAVA_INT.withName("address"),
                    JAVA_SHORT.withName("port"),
                    JAVA_BYTE.withName("protocol"),
                    JAVA_BYTE.withName("scheduler"),
                    sequenceLayout(40, JAVA_BYTE).withName("pad"))
            .withName("ek_service");

    static final StructLayout SLOT = structLayout(JAVA_SHORT.withName("server"), JAVA_SHORT.withName("ordinal"))
            .withName("ek_slot");

    static final StructLayout SERVER = structLayout(
                    JAVA_LONG.withName("state"),
                    JAVA_INT.withName("next_hop"),
                    JAVA_INT.withName("turns"),
                    JAVA_INT.withName("address"),
                    JAVA_SHORT.withName("port"),
                    JAVA_BYTE.withName("method"),
                    JAVA_BYTE.withName("pad"),
                    JAVA_INT.withName("service"),
                    sequenceLayout(36, JAVA_BYTE).withName("pad2"))
            .withName("ek_server");

    private Abi() {}

    /** {@code enum ek_usability}. */
    static int usability(Usability usability) {
        return switch (usability) {
            case OPEN -> 0;
            case SUSPECT -> 1;
            case HOLDING -> 2;
            case SHUT -> 3;
        };
    }

    /** Where a member lies; several names lead into records within records. */
    static long offset(MemoryLayout layout, String... path) {
        long offset = 0;
        for (String name : path) {
            offset += layout.byteOffset(groupElement(name));
            layout = layout.select(groupElement(name));
        }
        return offset;
    }

    /** An IPv4 address as the program reads it from a packet. */
    static int wire(int address) {
        return LITTLE ? Integer.reverseBytes(address) : address;
    }

    /** A port as the program reads it from a packet. */
    static short wire(short port) {
        return LITTLE ? Short.reverseBytes(port) : port;
    }

    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
}
