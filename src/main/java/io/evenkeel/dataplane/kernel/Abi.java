package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.linux.BpfMirror;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Java's mirror of {@code src/main/bpf/abi.h}, which says what each member means. When the object is loaded both are
 * compared through its BTF. Constants only; any thread.
 *
 * <p>Addresses and ports lie in network order. {@link #wire} turns an address or a port into the number that reads like
 * that in this machine's order, which is how the program compares and hashes them.
 */
final class Abi {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    static final int VERSION = 3;

    static final int DEAL_SUSPECTS = 31;
    static final int DEAL_SIDE = 32;
    static final int INTERFACES = 1_024;
    static final int PLACES_PER_BUCKET = 4;
    static final int OWN_PER_BUCKET = 16;

    /** Drop reasons by their number in the program: forward first, {@link #REPLY_REASONS} parts them. */
    static final List<DropReason> REASONS = List.of(
            DropReason.NO_REALSERVER,
            DropReason.NO_ROUTE,
            DropReason.TOO_BIG,
            DropReason.TTL_EXPIRED,
            DropReason.FRAGMENT,
            DropReason.MALFORMED,
            DropReason.SHUTTING_DOWN,
            DropReason.IMPOSSIBLE_SOURCE,
            DropReason.REPLY_NO_ROUTE,
            DropReason.REPLY_TOO_BIG,
            DropReason.REPLY_TTL_EXPIRED,
            DropReason.REPLY_FRAGMENT,
            DropReason.REPLY_MALFORMED);

    static final int REPLY_REASONS = 8;

    static final StructLayout SIZES = structLayout(
                    INT.withName("services"),
                    INT.withName("service_mask"),
                    INT.withName("slots"),
                    INT.withName("servers"),
                    INT.withName("endpoint_mask"),
                    INT.withName("own_mask"),
                    sequenceLayout(2, INT).withName("pad"))
            .withName("ek_sizes");

    static final StructLayout CONTROL = structLayout(
                    INT.withName("half"),
                    INT.withName("routes_epoch"),
                    sequenceLayout(2, LONG).withName("seed"),
                    LONG.withName("own_seed"),
                    SIZES.withName("sizes"),
                    INT.withName("stopping"),
                    sequenceLayout(60, BYTE).withName("pad"))
            .withName("ek_control");

    static final StructLayout INTERFACE = structLayout(
                    INT.withName("index"),
                    sequenceLayout(6, BYTE).withName("address"),
                    sequenceLayout(6, BYTE).withName("pad"))
            .withName("ek_interface");

    static final StructLayout OWN4 = structLayout(
                    sequenceLayout(OWN_PER_BUCKET, INT).withName("address"))
            .withName("ek_own4");

    static final StructLayout PLACE4 = structLayout(
                    INT.withName("address"),
                    SHORT.withName("port"),
                    BYTE.withName("protocol"),
                    BYTE.withName("pad"),
                    INT.withName("at"),
                    INT.withName("pad2"))
            .withName("ek_place4");

    static final StructLayout BUCKET4 = structLayout(
                    sequenceLayout(PLACES_PER_BUCKET, PLACE4).withName("place"))
            .withName("ek_bucket4");

    static final StructLayout SERVICE = structLayout(
                    INT.withName("first_slot"),
                    INT.withName("slots"),
                    LONG.withName("deal"),
                    INT.withName("address"),
                    SHORT.withName("port"),
                    sequenceLayout(42, BYTE).withName("pad"))
            .withName("ek_service");

    static final StructLayout TURN = structLayout(
                    LONG.withName("next"), sequenceLayout(120, BYTE).withName("pad"))
            .withName("ek_turn");

    static final StructLayout SLOT = structLayout(
                    SHORT.withName("server"),
                    SHORT.withName("ordinal"),
                    sequenceLayout(2, SHORT).withName("dealt"))
            .withName("ek_slot");

    static final StructLayout SERVER = structLayout(
                    LONG.withName("state"),
                    INT.withName("next_hop"),
                    INT.withName("turns"),
                    INT.withName("address"),
                    SHORT.withName("port"),
                    sequenceLayout(2, BYTE).withName("pad"),
                    INT.withName("service"),
                    sequenceLayout(36, BYTE).withName("pad2"))
            .withName("ek_server");

    static final StructLayout NEXT_HOP = structLayout(
                    INT.withName("interface"),
                    INT.withName("mtu"),
                    sequenceLayout(6, BYTE).withName("destination"),
                    sequenceLayout(6, BYTE).withName("source"),
                    sequenceLayout(12, BYTE).withName("pad"))
            .withName("ek_next_hop");

    static final StructLayout SERVICE_COUNT = structLayout(
                    LONG.withName("beat"),
                    LONG.withName("received"),
                    LONG.withName("forwarded"),
                    LONG.withName("replies_received"),
                    LONG.withName("replies"),
                    LONG.withName("by_stack"),
                    sequenceLayout(REASONS.size(), LONG).withName("dropped"),
                    sequenceLayout(5, LONG).withName("pad"))
            .withName("ek_service_count");

    static final StructLayout SERVER_COUNT =
            structLayout(LONG.withName("forwarded"), LONG.withName("replies")).withName("ek_server_count");

    static final StructLayout PASS_COUNT = structLayout(
                    sequenceLayout(PassReason.values().length, LONG).withName("packets"),
                    LONG.withName("left"),
                    LONG.withName("rewritten"),
                    LONG.withName("spoilt"))
            .withName("ek_pass_count");

    static final StructLayout EXPLAINED = structLayout(
                    INT.withName("outcome"),
                    INT.withName("detail"),
                    LONG.withName("turn"),
                    INT.withName("service"),
                    INT.withName("first_choice"),
                    INT.withName("server"),
                    INT.withName("route_interface"),
                    sequenceLayout(32, BYTE).withName("pad"))
            .withName("ek_explained");

    static final StructLayout ABOUT = structLayout(
                    INT.withName("version"),
                    INT.withName("reasons"),
                    INT.withName("passes"),
                    INT.withName("usabilities"))
            .withName("ek_about");

    static final BpfMirror MIRROR = new BpfMirror(
            List.of(
                    SIZES,
                    CONTROL,
                    INTERFACE,
                    OWN4,
                    PLACE4,
                    BUCKET4,
                    SERVICE,
                    TURN,
                    SLOT,
                    SERVER,
                    NEXT_HOP,
                    SERVICE_COUNT,
                    SERVER_COUNT,
                    PASS_COUNT,
                    EXPLAINED,
                    ABOUT),
            Map.of(
                    "ek_abi", Map.of("EK_ABI_VERSION", VERSION),
                    "ek_reason", reasons(),
                    "ek_pass", passes(),
                    "ek_usability", usabilities()));

    private Abi() {}

    private static Map<String, Integer> reasons() {
        Map<String, Integer> constants = new HashMap<>();
        for (int i = 0; i < REASONS.size(); i++)
            constants.put("EK_" + REASONS.get(i).name(), i);
        constants.put("EK_REPLY_REASONS", REPLY_REASONS);
        constants.put("EK_REASONS", REASONS.size());
        return constants;
    }

    private static Map<String, Integer> passes() {
        Map<String, Integer> constants = new HashMap<>(Map.of("EK_PASSES", PassReason.values().length));
        for (PassReason reason : PassReason.values()) constants.put("EK_PASS_" + reason.name(), reason.number());
        return constants;
    }

    private static Map<String, Integer> usabilities() {
        Map<String, Integer> constants = new HashMap<>();
        for (Usability usability : Usability.values()) {
            constants.put("EK_" + usability.name().toUpperCase(Locale.ROOT), usability(usability));
        }
        return constants;
    }

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
        MemoryLayout inner = layout;
        for (String name : path) {
            offset += inner.byteOffset(groupElement(name));
            inner = inner.select(groupElement(name));
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
}
