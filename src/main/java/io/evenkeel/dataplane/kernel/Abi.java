package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.sequenceLayout;
import static java.lang.foreign.MemoryLayout.structLayout;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.Usability;
import io.evenkeel.linux.BpfMirror;
import io.evenkeel.model.IpAddress;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
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

    static final int VERSION = 7;

    /** {@code enum ek_service_flag}. */
    static final int ONE_PACKET = 1;

    static final int HASH_PORT = 2;
    static final int HASH_FALLBACK = 4;
    static final int ASKS_FLOW = 8;
    static final int NOTES_CLIENT = 16;
    static final int GROUP_ONE_PACKET = 32;
    static final int PERSISTENT = 64;
    static final int THRESHOLDS = 128;
    static final int SHARES = 256;

    /** {@code enum ek_server_flag}. */
    static final int WEIGHTED = 1;

    static final int DRAINING = 2;
    static final int OUTER_V6 = 4;

    /** {@code enum ek_method}. */
    static final int NAT = 0;

    static final int DIRECT = 1;
    static final int IPIP = 2;
    static final int GUE = 3;
    static final int GRE = 4;
    private static final int METHODS = 5;

    /** {@code enum ek_slot_value}. */
    static final int NOBODY = 0xffff;

    static final int MOST_CANDIDATES = 256;

    /** {@code enum ek_place_of_pieces}. */
    static final int PIECES = 0x80;

    /** {@code enum ek_flow_key}. */
    static final int FLOW_BUSY = 0x7fff;

    static final int TEMPLATES = 0x8000;

    /** {@code enum ek_tick}. */
    static final int TICK_SHIFT = 28;

    static final int TICK_BITS = 24;

    /** {@code enum ek_index}. */
    static final int NOWHERE = 0x7fffffff;

    static final int DEAL_SUSPECTS = 31;
    static final int DEAL_SIDE = 32;
    static final int INTERFACES = 1_024;
    static final int PLACES_PER_BUCKET = 4;
    static final int OWN_PER_BUCKET = 16;
    static final int OWN_PER_BUCKET6 = 4;

    /** Drop reasons by their number in the program: forward first, {@link #REPLY_REASONS} parts them. */
    static final List<DropReason> REASONS = List.of(
            DropReason.NO_REALSERVER,
            DropReason.NO_ROUTE,
            DropReason.TOO_BIG,
            DropReason.TTL_EXPIRED,
            DropReason.MALFORMED,
            DropReason.SHUTTING_DOWN,
            DropReason.IMPOSSIBLE_SOURCE,
            DropReason.OVERLOADED,
            DropReason.FLOW_TABLE_FULL,
            DropReason.SOURCE_TAKEN,
            DropReason.TX_FAILED,
            DropReason.REPLY_NO_ROUTE,
            DropReason.REPLY_TOO_BIG,
            DropReason.REPLY_TTL_EXPIRED,
            DropReason.REPLY_FRAGMENT,
            DropReason.REPLY_MALFORMED,
            DropReason.REPLY_STRANGER,
            DropReason.REPLY_UNEXPECTED);

    static final int REPLY_REASONS = 11;

    static final StructLayout SIZES = structLayout(
                    INT.withName("services"),
                    INT.withName("service_mask"),
                    INT.withName("slots"),
                    INT.withName("servers"),
                    INT.withName("endpoint_mask"),
                    INT.withName("own_mask"),
                    INT.withName("flow_mask"),
                    INT.withName("wide_flow_mask"))
            .withName("ek_sizes");

    static final StructLayout CONTROL = structLayout(
                    INT.withName("half"),
                    INT.withName("routes_epoch"),
                    sequenceLayout(2, LONG).withName("seed"),
                    LONG.withName("own_seed"),
                    SIZES.withName("sizes"),
                    INT.withName("stopping"),
                    sequenceLayout(FlowState.NUMBERS, INT).withName("lives"),
                    INT.withName("zero"),
                    LONG.withName("flow_seed"))
            .withName("ek_control");

    static final StructLayout INTERFACE = structLayout(
                    INT.withName("index"),
                    sequenceLayout(6, BYTE).withName("address"),
                    BYTE.withName("redirects"),
                    sequenceLayout(5, BYTE).withName("pad"))
            .withName("ek_interface");

    static final StructLayout OWN4 = structLayout(
                    sequenceLayout(OWN_PER_BUCKET, INT).withName("address"))
            .withName("ek_own4");

    static final StructLayout ADDRESS6 =
            structLayout(sequenceLayout(4, INT).withName("word")).withName("ek_address6");

    static final StructLayout OWN6 = structLayout(
                    sequenceLayout(OWN_PER_BUCKET6, ADDRESS6).withName("address"))
            .withName("ek_own6");

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

    static final StructLayout PLACE6 = structLayout(
                    sequenceLayout(4, INT).withName("address"),
                    SHORT.withName("port"),
                    BYTE.withName("protocol"),
                    BYTE.withName("pad"),
                    INT.withName("at"),
                    sequenceLayout(8, BYTE).withName("pad2"))
            .withName("ek_place6");

    static final StructLayout BUCKET6 = structLayout(
                    sequenceLayout(PLACES_PER_BUCKET, PLACE6).withName("place"))
            .withName("ek_bucket6");

    static final StructLayout SERVICE = structLayout(
                    INT.withName("first_slot"),
                    INT.withName("slots"),
                    LONG.withName("deal"),
                    sequenceLayout(4, INT).withName("address"),
                    SHORT.withName("port"),
                    SHORT.withName("flags"),
                    INT.withName("first_candidate"),
                    INT.withName("candidates"),
                    SHORT.withName("group"),
                    BYTE.withName("algorithm"),
                    BYTE.withName("prefix"),
                    INT.withName("life"),
                    INT.withName("template_life"),
                    sequenceLayout(8, BYTE).withName("pad"))
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
                    sequenceLayout(4, INT).withName("address"),
                    SHORT.withName("port"),
                    BYTE.withName("method"),
                    BYTE.withName("flags"),
                    INT.withName("service"),
                    INT.withName("same_endpoint"),
                    INT.withName("weight"),
                    INT.withName("upper"),
                    INT.withName("lower"),
                    SHORT.withName("tunnel_port"),
                    sequenceLayout(2, BYTE).withName("pad"),
                    INT.withName("sole_until"))
            .withName("ek_server");

    static final StructLayout LOAD = structLayout(
                    LONG.withName("active"),
                    LONG.withName("inactive"),
                    LONG.withName("lately"),
                    LONG.withName("overloaded"),
                    sequenceLayout(32, BYTE).withName("pad"))
            .withName("ek_load");

    static final StructLayout FLOW =
            structLayout(LONG.withName("tag"), LONG.withName("value")).withName("ek_flow");

    static final StructLayout FLOW_BUCKET =
            structLayout(sequenceLayout(4, FLOW).withName("flow")).withName("ek_flow_bucket");

    static final StructLayout WIDE_FLOW = structLayout(sequenceLayout(4, INT).withName("client"), FLOW.withName("flow"))
            .withName("ek_wide_flow");

    static final StructLayout WIDE_BUCKET =
            structLayout(sequenceLayout(2, WIDE_FLOW).withName("wide")).withName("ek_wide_bucket");

    static final StructLayout CLOCK = structLayout(
                    LONG.withName("jiffies"),
                    LONG.withName("tick"),
                    INT.withName("complained"),
                    INT.withName("complaints"),
                    sequenceLayout(40, BYTE).withName("pad"))
            .withName("ek_clock");

    static final StructLayout NEXT_HOP = structLayout(
                    INT.withName("interface"),
                    INT.withName("mtu"),
                    sequenceLayout(6, BYTE).withName("destination"),
                    sequenceLayout(6, BYTE).withName("source"),
                    sequenceLayout(4, INT).withName("from"),
                    sequenceLayout(28, BYTE).withName("pad"))
            .withName("ek_next_hop");

    static final StructLayout SERVICE_COUNT = structLayout(
                    LONG.withName("beat"),
                    LONG.withName("received"),
                    LONG.withName("forwarded"),
                    LONG.withName("local"),
                    LONG.withName("replies_received"),
                    LONG.withName("replies"),
                    LONG.withName("by_stack"),
                    LONG.withName("moved"),
                    LONG.withName("unremembered"),
                    LONG.withName("translated"),
                    sequenceLayout(REASONS.size(), LONG).withName("dropped"),
                    sequenceLayout(4, LONG).withName("pad"))
            .withName("ek_service_count");

    static final StructLayout SERVER_COUNT =
            structLayout(LONG.withName("forwarded"), LONG.withName("replies")).withName("ek_server_count");

    static final StructLayout PASS_COUNT = structLayout(
                    sequenceLayout(PassReason.values().length, LONG).withName("packets"),
                    LONG.withName("complaints"),
                    LONG.withName("complaints_spared"),
                    LONG.withName("errors_back"),
                    LONG.withName("errors_in"),
                    LONG.withName("errors_lost"),
                    LONG.withName("pieces"),
                    LONG.withName("pieces_lost"),
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
                    INT.withName("slot"),
                    INT.withName("flow_found"),
                    LONG.withName("flow_value"),
                    sequenceLayout(16, BYTE).withName("pad"))
            .withName("ek_explained");

    static final StructLayout ABOUT = structLayout(
                    INT.withName("version"),
                    INT.withName("reasons"),
                    INT.withName("passes"),
                    INT.withName("usabilities"),
                    INT.withName("algorithms"),
                    INT.withName("methods"),
                    INT.withName("service_flags"),
                    INT.withName("server_flags"),
                    INT.withName("flow_states"),
                    INT.withName("flow_keys"),
                    INT.withName("ticks"),
                    INT.withName("next_hop_places"),
                    INT.withName("slot_values"),
                    INT.withName("outcomes"),
                    INT.withName("told_by"),
                    INT.withName("pieces"))
            .withName("ek_about");

    static final BpfMirror MIRROR = new BpfMirror(
            List.of(
                    SIZES,
                    CONTROL,
                    INTERFACE,
                    OWN4,
                    ADDRESS6,
                    OWN6,
                    PLACE4,
                    BUCKET4,
                    PLACE6,
                    BUCKET6,
                    SERVICE,
                    TURN,
                    SLOT,
                    SERVER,
                    LOAD,
                    FLOW,
                    FLOW_BUCKET,
                    WIDE_FLOW,
                    WIDE_BUCKET,
                    CLOCK,
                    NEXT_HOP,
                    SERVICE_COUNT,
                    SERVER_COUNT,
                    PASS_COUNT,
                    EXPLAINED,
                    ABOUT),
            Map.ofEntries(
                    Map.entry("ek_abi", Map.of("EK_ABI_VERSION", VERSION)),
                    Map.entry("ek_reason", reasons()),
                    Map.entry("ek_pass", passes()),
                    Map.entry("ek_usability", usabilities()),
                    Map.entry("ek_algorithm", algorithms()),
                    Map.entry(
                            "ek_method",
                            Map.of(
                                    "EK_NAT", NAT,
                                    "EK_DIRECT", DIRECT,
                                    "EK_IPIP", IPIP,
                                    "EK_GUE", GUE,
                                    "EK_GRE", GRE,
                                    "EK_METHODS", METHODS)),
                    Map.entry(
                            "ek_service_flag",
                            Map.of(
                                    "EK_ONE_PACKET", ONE_PACKET,
                                    "EK_HASH_PORT", HASH_PORT,
                                    "EK_HASH_FALLBACK", HASH_FALLBACK,
                                    "EK_ASKS_FLOW", ASKS_FLOW,
                                    "EK_NOTES_CLIENT", NOTES_CLIENT,
                                    "EK_GROUP_ONE_PACKET", GROUP_ONE_PACKET,
                                    "EK_PERSISTENT", PERSISTENT,
                                    "EK_THRESHOLDS", THRESHOLDS,
                                    "EK_SHARES", SHARES)),
                    Map.entry(
                            "ek_server_flag",
                            Map.of("EK_WEIGHTED", WEIGHTED, "EK_DRAINING", DRAINING, "EK_OUTER_V6", OUTER_V6)),
                    Map.entry("ek_flow_state", FlowState.constants()),
                    Map.entry("ek_flow_key", Map.of("EK_FLOW_BUSY", FLOW_BUSY, "EK_TEMPLATES", TEMPLATES)),
                    Map.entry("ek_tick", Map.of("EK_TICK_SHIFT", TICK_SHIFT, "EK_TICK_BITS", TICK_BITS)),
                    Map.entry(
                            "ek_next_hop_place",
                            Map.of("EK_HOP_UNKNOWN", NextHopTable.UNKNOWN, "EK_HOP_LOCAL", NextHopTable.LOCAL)),
                    Map.entry("ek_slot_value", Map.of("EK_NOBODY", NOBODY, "EK_MOST_CANDIDATES", MOST_CANDIDATES)),
                    Map.entry(
                            "ek_outcome",
                            Map.of(
                                    "EK_PASSES_UP", 0,
                                    "EK_DROPPED", 1,
                                    "EK_FORWARDED", 2,
                                    "EK_REPLIED", 3,
                                    "EK_REPLIED_BY_STACK", 4,
                                    "EK_DELIVERED", 5)),
                    Map.entry("ek_place_of_pieces", Map.of("EK_PIECES", PIECES)),
                    Map.entry("ek_told_by", Map.of("EK_NO_FLOW", 0, "EK_A_FLOW", 1, "EK_A_TEMPLATE", 2))));

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

    private static Map<String, Integer> algorithms() {
        Map<String, Integer> constants = new HashMap<>(Map.of("EK_ALGORITHMS", Algorithm.values().length));
        for (Algorithm algorithm : Algorithm.values()) constants.put("EK_" + algorithm.name(), algorithm.number());
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

    /** Where an element of a sequence of words lies. */
    static long word(long sequence, int index) {
        return sequence + (long) index * Integer.BYTES;
    }

    /**
     * One of the four words of an address as the program reads them from a packet: of an IPv4 address the first, and the
     * others are 0.
     */
    static int word(IpAddress address, int index) {
        if (!address.v6()) return index == 0 ? wire((int) address.low()) : 0;
        long half = index < 2 ? address.high() : address.low();
        return wire((int) (index % 2 == 0 ? half >>> 32 : half));
    }

    /** Writes the 16 octets of an address. */
    static void put(MemorySegment segment, long offset, IpAddress address) {
        for (int i = 0; i < 4; i++) segment.set(INT, word(offset, i), word(address, i));
    }

    /** What {@link #put} wrote: an address, of the family that the record says elsewhere. */
    static IpAddress address(MemorySegment segment, long offset, boolean v6) {
        if (!v6) return IpAddress.v4(wire(segment.get(INT, offset)));
        long[] words = new long[4];
        for (int i = 0; i < 4; i++) words[i] = Integer.toUnsignedLong(wire(segment.get(INT, word(offset, i))));
        return IpAddress.v6(words[0] << 32 | words[1], words[2] << 32 | words[3]);
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
