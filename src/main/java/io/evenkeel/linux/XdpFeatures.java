package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.evenkeel.linux.NetlinkReply.Answer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a driver can do with XDP, by its own word (generic netlink family {@code netdev}, Linux 6.3 and newer). Immutable.
 *
 * @param bits as enum netdev_xdp_act numbers them
 */
public record XdpFeatures(long bits) {
    private static final long BASIC = 1;
    private static final long REDIRECT_TARGET = 4;
    private static final long SEVERAL_BUFFERS = 32;

    // linux/netdev.h, which is younger than most distributions' headers
    private static final int CMD_DEV_GET = 1;
    private static final int DEV_IFINDEX = 1;
    private static final int DEV_XDP_FEATURES = 3;

    private static final long HEADER = Layouts.GENLMSGHDR.byteSize();
    private static final int RECEIVE_BYTES = 1 << 16;

    /** It runs programs. */
    public boolean nativeXdp() {
        return (bits & BASIC) != 0;
    }

    /** Frames can be redirected to it now. For a veth this asks the other end. */
    public boolean redirectTarget() {
        return (bits & REDIRECT_TARGET) != 0;
    }

    /** It gives programs that ask for it frames of more than one buffer, hence larger than a page. */
    public boolean severalBuffers() {
        return (bits & SEVERAL_BUFFERS) != 0;
    }

    /**
     * Asks the kernel, in the network namespace of the thread that opened it. Owned by one thread, a platform thread;
     * needs no privilege.
     */
    public static final class Questions implements AutoCloseable {
        private final NetlinkSocket socket = new NetlinkSocket(EthtoolNumbers.NETLINK_GENERIC, RECEIVE_BYTES);
        private final Arena arena = Arena.ofConfined();
        private final MemorySegment memory = arena.allocate(NetlinkRequest.BYTES, 8);
        private final NetlinkExchange exchange = new NetlinkExchange(socket);
        private final OptionalInt family = findFamily();

        /** @throws SyscallException if the kernel gives no such socket */
        public Questions() {}

        private OptionalInt findFamily() {
            NetlinkRequest request = request(EthtoolNumbers.GENL_ID_CTRL, EthtoolNumbers.CTRL_CMD_GETFAMILY)
                    .text(EthtoolNumbers.CTRL_ATTR_FAMILY_NAME, "netdev");
            return exchange.ask(socket.send(memory, request.bytes()), Questions::familyId)
                            instanceof Answer<Integer>(Integer id)
                    ? OptionalInt.of(id)
                    : OptionalInt.empty();
        }

        private static @Nullable Integer familyId(NetlinkMessages messages) {
            NetlinkAttributes attributes = messages.attributes(HEADER);
            while (attributes.next()) {
                boolean id = attributes.type() == EthtoolNumbers.CTRL_ATTR_FAMILY_ID;
                if (id) return attributes.shortNumber();
            }
            return null;
        }

        /** What the interface's driver says; empty on a kernel that does not tell, or if the interface is gone. */
        public Optional<XdpFeatures> of(int index) {
            if (family.isEmpty()) return Optional.empty();
            NetlinkRequest request = request(family.getAsInt(), CMD_DEV_GET).number(DEV_IFINDEX, index);
            return exchange.ask(socket.send(memory, request.bytes()), XdpFeatures::read)
                            instanceof Answer<XdpFeatures>(XdpFeatures features)
                    ? Optional.of(features)
                    : Optional.empty();
        }

        private NetlinkRequest request(int type, int command) {
            NetlinkRequest request =
                    new NetlinkRequest(memory, type, Rtnetlink.NLM_F_REQUEST, exchange.nextSequence(), HEADER);
            memory.set(JAVA_BYTE, NetlinkRequest.struct(), (byte) command);
            memory.set(JAVA_BYTE, NetlinkRequest.struct() + 1, (byte) 1);
            return request;
        }

        @Override
        public void close() {
            socket.close();
            arena.close();
        }
    }

    private static @Nullable XdpFeatures read(NetlinkMessages messages) {
        NetlinkAttributes attributes = messages.attributes(HEADER);
        while (attributes.next()) {
            if (attributes.type() != DEV_XDP_FEATURES) continue;
            if (attributes.bytes() < 8) return new XdpFeatures(attributes.number());
            return new XdpFeatures(messages.memory().get(JAVA_LONG_UNALIGNED, attributes.at()));
        }
        return null;
    }
}
