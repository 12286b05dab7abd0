package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.offset;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Asks drivers about their interfaces, as ethtool(8) does (SIOCETHTOOL), and changes nothing. It speaks to the network
 * namespace of the thread that opened it. Owned by one thread, a platform thread: a driver may take its time. Needs no
 * privilege. An answer that a driver does not give, or an interface that is gone, is empty.
 */
public final class Ethtool implements AutoCloseable {
    private static final int MOST_FEATURES = 1_024;
    private static final int NAME_BYTES = 16; // IFNAMSIZ, with the zero byte

    private static final class Handles {
        static final MethodHandle IOCTL = Libc.errnoHandle(
                "ioctl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
                Linker.Option.firstVariadicArg(2));
    }

    /**
     * Receive queues.
     *
     * @param now in use, ≥ 0
     * @param most the driver can have so many
     * @param combined each also sends, so that they are set by {@code combined} rather than {@code rx}
     * @param sending transmit queues in use
     */
    public record Queues(int now, int most, boolean combined, int sending) {}

    private final int fd;
    private List<String> featureNames = List.of();

    /** @throws SyscallException if the kernel gives no socket to ask through */
    public Ethtool() {
        int type = Sockets.SOCK_DGRAM | Sockets.SOCK_CLOEXEC;
        fd = Libc.require(Sockets.socket(SocketAddress.AF_INET, type, 0), "socket", "for ethtool");
    }

    /** The driver's name, e.g. {@code veth}, {@code ixgbe}. */
    public Optional<String> driver(String device) {
        try (Arena arena = Arena.ofConfined()) {
            StructLayout layout = Layouts.ETHTOOL_DRVINFO;
            MemorySegment info = arena.allocate(layout);
            if (!ask(arena, device, EthtoolNumbers.ETHTOOL_GDRVINFO, info)) return Optional.empty();
            return Optional.of(text(info, offset(layout, "driver"), 32));
        }
    }

    /** Names of the features that are on, as the kernel names them: {@code rx-gro}, {@code tx-checksum-ip-generic}. */
    public Optional<Set<String>> features(String device) {
        List<String> names = featureNames(device);
        if (names.isEmpty()) return Optional.empty();
        int blocks = (names.size() + 31) / 32;
        long header = Layouts.ETHTOOL_GFEATURES.byteSize();
        long block = Layouts.ETHTOOL_GET_FEATURES_BLOCK.byteSize();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(header + blocks * block, 8);
            answer.set(JAVA_INT, offset(Layouts.ETHTOOL_GFEATURES, "size"), blocks);
            if (!ask(arena, device, EthtoolNumbers.ETHTOOL_GFEATURES, answer)) return Optional.empty();
            Set<String> on = new TreeSet<>();
            long active = offset(Layouts.ETHTOOL_GET_FEATURES_BLOCK, "active");
            for (int i = 0; i < names.size(); i++) {
                int bits = answer.get(JAVA_INT, header + i / 32 * block + active);
                if ((bits >>> (i & 31) & 1) != 0) on.add(names.get(i));
            }
            return Optional.of(on);
        }
    }

    /** The kernel's list, the same for all interfaces; fetched once. */
    private List<String> featureNames(String device) {
        if (!featureNames.isEmpty()) return featureNames;
        try (Arena arena = Arena.ofConfined()) {
            StructLayout layout = Layouts.ETHTOOL_SSET_INFO;
            MemorySegment sizes = arena.allocate(layout.byteSize() + 4, 8);
            sizes.set(JAVA_LONG, offset(layout, "sset_mask"), 1L << EthtoolNumbers.ETH_SS_FEATURES);
            if (!ask(arena, device, EthtoolNumbers.ETHTOOL_GSSET_INFO, sizes)) return List.of();
            int count = sizes.get(JAVA_INT, layout.byteSize());
            if (count <= 0 || count > MOST_FEATURES) return List.of();
            featureNames = names(arena, device, count);
        }
        return featureNames;
    }

    private List<String> names(Arena arena, String device, int count) {
        StructLayout layout = Layouts.ETHTOOL_GSTRINGS;
        int length = EthtoolNumbers.ETH_GSTRING_LEN;
        MemorySegment strings = arena.allocate(layout.byteSize() + (long) count * length, 8);
        strings.set(JAVA_INT, offset(layout, "string_set"), EthtoolNumbers.ETH_SS_FEATURES);
        strings.set(JAVA_INT, offset(layout, "len"), count);
        if (!ask(arena, device, EthtoolNumbers.ETHTOOL_GSTRINGS, strings)) return List.of();
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) names.add(text(strings, layout.byteSize() + (long) i * length, length));
        return List.copyOf(names);
    }

    public Optional<Queues> queues(String device) {
        try (Arena arena = Arena.ofConfined()) {
            StructLayout layout = Layouts.ETHTOOL_CHANNELS;
            MemorySegment channels = arena.allocate(layout);
            if (!ask(arena, device, EthtoolNumbers.ETHTOOL_GCHANNELS, channels)) return Optional.empty();
            int combined = channels.get(JAVA_INT, offset(layout, "combined_count"));
            int now = combined + channels.get(JAVA_INT, offset(layout, "rx_count"));
            int sending = combined + channels.get(JAVA_INT, offset(layout, "tx_count"));
            int mostCombined = channels.get(JAVA_INT, offset(layout, "max_combined"));
            int most = Math.max(mostCombined, channels.get(JAVA_INT, offset(layout, "max_rx")));
            return Optional.of(new Queues(now, most, mostCombined > 0, sending));
        }
    }

    /** Whether the ports of UDP over IPv4 help to choose the receive queue; empty if the driver does not choose by hash. */
    public Optional<Boolean> hashesUdpPorts(String device) {
        try (Arena arena = Arena.ofConfined()) {
            StructLayout layout = Layouts.ETHTOOL_RXNFC;
            MemorySegment rule = arena.allocate(layout);
            rule.set(JAVA_INT, offset(layout, "flow_type"), EthtoolNumbers.UDP_V4_FLOW);
            if (!ask(arena, device, EthtoolNumbers.ETHTOOL_GRXFH, rule)) return Optional.empty();
            long fields = rule.get(JAVA_LONG, offset(layout, "data"));
            if (fields == 0) return Optional.empty();
            return Optional.of((fields & (EthtoolNumbers.RXH_L4_B_0_1 | EthtoolNumbers.RXH_L4_B_2_3)) != 0);
        }
    }

    private boolean ask(Arena arena, String device, int command, MemorySegment about) {
        byte[] name = device.getBytes(US_ASCII);
        if (name.length >= NAME_BYTES) return false;
        MemorySegment request = arena.allocate(Layouts.IFREQ);
        MemorySegment.copy(name, 0, request, JAVA_BYTE, offset(Layouts.IFREQ, "ifr_name"), name.length);
        request.set(JAVA_LONG, offset(Layouts.IFREQ, "ifr_data"), about.address());
        about.set(JAVA_INT, 0, command);
        try {
            long number = EthtoolNumbers.SIOCETHTOOL;
            return (int) Handles.IOCTL.invokeExact(Libc.errnoSegment(), fd, number, request) >= 0;
        } catch (Throwable thrown) {
            throw Libc.unexpected(thrown);
        }
    }

    private static String text(MemorySegment memory, long at, int most) {
        int length = 0;
        while (length < most && memory.get(JAVA_BYTE, at + length) != 0) length++;
        return new String(memory.asSlice(at, length).toArray(JAVA_BYTE), US_ASCII);
    }

    @Override
    public void close() {
        Libc.close(fd);
    }
}
