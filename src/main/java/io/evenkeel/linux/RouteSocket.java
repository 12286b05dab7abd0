package io.evenkeel.linux;

import static io.evenkeel.linux.Layouts.offset;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.evenkeel.linux.NetlinkReply.Answer;
import io.evenkeel.linux.NetlinkReply.Refusal;
import io.evenkeel.linux.NetworkChange.AddressSet;
import io.evenkeel.linux.NetworkChange.LinkSet;
import io.evenkeel.linux.NetworkChange.NeighbourSet;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel about interfaces, addresses, neighbours and routes, and changes some of them (rtnetlink(7)). It speaks
 * to the network namespace of the thread that opened it. Owned by one thread at a time, a platform thread: the kernel
 * answers at once, but may wait for a lock of its own before. A request that is refused is a value; questions need no
 * privilege, {@link #resolve}, {@link #put} and {@link #delete} need CAP_NET_ADMIN.
 */
public final class RouteSocket implements AutoCloseable {
    private static final int RECEIVE_BYTES = 1 << 20;

    private static final long PREFIX = offset(Layouts.IFADDRMSG, "ifa_prefixlen");
    private static final long SCOPE = offset(Layouts.IFADDRMSG, "ifa_scope");
    private static final long ADDRESS_INDEX = offset(Layouts.IFADDRMSG, "ifa_index");
    private static final long LINK_INDEX = offset(Layouts.IFINFOMSG, "ifi_index");
    private static final long RTGENMSG_BYTES = 1;
    private static final long NEIGHBOUR_INDEX = offset(Layouts.NDMSG, "ndm_ifindex");
    private static final long NEIGHBOUR_FLAGS = offset(Layouts.NDMSG, "ndm_flags");
    private static final long DESTINATION_BITS = offset(Layouts.RTMSG, "rtm_dst_len");
    private static final long ROUTE_FLAGS = offset(Layouts.RTMSG, "rtm_flags");

    private final NetlinkSocket socket = new NetlinkSocket(RECEIVE_BYTES); // first: it may be refused
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory = arena.allocate(NetlinkRequest.BYTES, 8);
    private final NetlinkExchange exchange = new NetlinkExchange(socket);

    /** @throws SyscallException if the kernel gives no such socket */
    public RouteSocket() {}

    private NetlinkRequest request(int type, int flags, long structBytes) {
        int all = flags | Rtnetlink.NLM_F_REQUEST;
        return new NetlinkRequest(memory, type, all, exchange.nextSequence(), structBytes);
    }

    /** All interfaces of the namespace. */
    public NetlinkReply<List<Link>> links() {
        NetlinkReply<List<NetworkChange>> all = exchange.dump(() -> {
            long struct = Layouts.IFINFOMSG.byteSize();
            return sent(request(Rtnetlink.RTM_GETLINK, Rtnetlink.NLM_F_DUMP, struct)
                    .number(Rtnetlink.IFLA_EXT_MASK, Rtnetlink.RTEXT_FILTER_SKIP_STATS));
        });
        return only(all, change -> change instanceof LinkSet(Link link) ? link : null);
    }

    /**
     * The number that this namespace knows the namespace of an interface's lower one by, for a veth its peer's; empty if
     * that is this namespace, or the interface is gone.
     */
    public OptionalInt lowerNamespace(int index) {
        NetlinkRequest request = request(Rtnetlink.RTM_GETLINK, 0, Layouts.IFINFOMSG.byteSize());
        memory.set(JAVA_INT_UNALIGNED, NetlinkRequest.struct() + LINK_INDEX, index);
        long struct = Layouts.IFINFOMSG.byteSize();
        return number(exchange.ask(
                sent(request), messages -> number(messages.attributes(struct), Rtnetlink.IFLA_LINK_NETNSID)));
    }

    /** The number that this namespace knows another by; empty if it knows none, or the other cannot be opened. */
    public OptionalInt numberOf(Path namespace) {
        int fd = NetworkNamespace.open(namespace);
        if (fd < 0) return OptionalInt.empty();
        try {
            NetlinkRequest request =
                    request(Rtnetlink.RTM_GETNSID, 0, RTGENMSG_BYTES).number(Rtnetlink.NETNSA_FD, fd);
            return number(exchange.ask(
                    sent(request), messages -> number(messages.attributes(RTGENMSG_BYTES), Rtnetlink.NETNSA_NSID)));
        } finally {
            Libc.close(fd);
        }
    }

    private static @Nullable Integer number(NetlinkAttributes attributes, int type) {
        while (attributes.next()) {
            if (attributes.type() == type) return attributes.number();
        }
        return null;
    }

    private static OptionalInt number(NetlinkReply<Integer> reply) {
        return reply instanceof Answer<Integer>(Integer number) && number >= 0
                ? OptionalInt.of(number)
                : OptionalInt.empty();
    }

    /** The filters at an interface's clsact qdisc, in the order they run in; none without one. Not those of tcx. */
    public NetlinkReply<List<TcFilter>> filters(int index, TcDirection direction) {
        NetlinkReply<List<TcFilter>> all = exchange.dump(
                () -> {
                    NetlinkRequest request =
                            request(Rtnetlink.RTM_GETTFILTER, Rtnetlink.NLM_F_DUMP, Layouts.TCMSG.byteSize());
                    memory.set(JAVA_INT_UNALIGNED, NetlinkRequest.struct() + TcFilter.INDEX, index);
                    memory.set(
                            JAVA_INT_UNALIGNED, NetlinkRequest.struct() + TcFilter.PARENT, TcFilter.parent(direction));
                    return sent(request);
                },
                messages -> TcFilter.read(messages, direction));
        return switch (all) {
            case Refusal<List<TcFilter>> refused -> refused;
            // A priority stands in the table once by itself, before the filters that have it.
            case Answer<List<TcFilter>>(List<TcFilter> filters) ->
                new Answer<>(filters.stream().filter(f -> f.handle() != 0).toList());
        };
    }

    /** All addresses of the namespace, of both families. */
    public NetlinkReply<List<Address>> addresses() {
        NetlinkReply<List<NetworkChange>> all = exchange.dump(
                () -> sent(request(Rtnetlink.RTM_GETADDR, Rtnetlink.NLM_F_DUMP, Layouts.IFADDRMSG.byteSize())));
        return only(all, change -> change instanceof AddressSet(Address address) ? address : null);
    }

    /** All entries of the ARP and ND tables. */
    public NetlinkReply<List<Neighbour>> neighbours() {
        NetlinkReply<List<NetworkChange>> all = exchange.dump(
                () -> sent(request(Rtnetlink.RTM_GETNEIGH, Rtnetlink.NLM_F_DUMP, Layouts.NDMSG.byteSize())));
        return only(all, change -> change instanceof NeighbourSet(Neighbour entry) ? entry : null);
    }

    /** One entry of the ARP or ND table; ENOENT if there is none. */
    public NetlinkReply<Neighbour> neighbour(int index, NumericAddress address) {
        NetlinkRequest request = neighbourRequest(Rtnetlink.RTM_GETNEIGH, 0, index, address, 0);
        return exchange.ask(
                sent(request),
                messages -> NetworkMessages.read(messages) instanceof NeighbourSet(Neighbour entry) ? entry : null);
    }

    /**
     * Makes the kernel resolve a neighbour, or confirm one that has become stale: it asks by ARP or ND as if it had a
     * packet for it (NTF_USE). Does nothing while the answer is fresh or awaited. Must not be used on an entry that is
     * {@link Neighbour#fixed}: kernels from 5.16 on make it an ordinary one.
     *
     * @return empty if the kernel took it, which says nothing about the neighbour
     */
    public Optional<NetlinkError> resolve(int index, NumericAddress address) {
        int flags = Rtnetlink.NLM_F_ACK | Rtnetlink.NLM_F_CREATE;
        return exchange.command(
                sent(neighbourRequest(Rtnetlink.RTM_NEWNEIGH, flags, index, address, Rtnetlink.NTF_USE)));
    }

    private NetlinkRequest neighbourRequest(int type, int flags, int index, NumericAddress address, int use) {
        NetlinkRequest request = request(type, flags, Layouts.NDMSG.byteSize());
        long at = NetlinkRequest.struct();
        memory.set(JAVA_BYTE, at, (byte) address.family());
        memory.set(JAVA_INT_UNALIGNED, at + NEIGHBOUR_INDEX, index);
        memory.set(JAVA_BYTE, at + NEIGHBOUR_FLAGS, (byte) use);
        return request.address(Rtnetlink.NDA_DST, address);
    }

    /**
     * Where a packet of this machine to {@code address} would go now: rules, next hop objects and learnt path MTUs
     * considered, one path of a multipath route. ENETUNREACH, EHOSTUNREACH, EACCES and EINVAL say that it would not go
     * (no route, and routes that refuse).
     */
    public NetlinkReply<Route> route(NumericAddress address) {
        return lookup(address, 0);
    }

    /** The route that decides about {@code address}, as it is written: all paths of a multipath route. */
    public NetlinkReply<Route> matchingRoute(NumericAddress address) {
        return lookup(address, Rtnetlink.RTM_F_FIB_MATCH);
    }

    private NetlinkReply<Route> lookup(NumericAddress address, int flags) {
        NetlinkRequest request = request(Rtnetlink.RTM_GETROUTE, 0, Layouts.RTMSG.byteSize());
        long at = NetlinkRequest.struct();
        memory.set(JAVA_BYTE, at, (byte) address.family());
        memory.set(JAVA_BYTE, at + DESTINATION_BITS, (byte) (8 * address.bytes()));
        memory.set(JAVA_INT_UNALIGNED, at + ROUTE_FLAGS, flags);
        return exchange.ask(sent(request.address(Rtnetlink.RTA_DST, address)), RouteMessage::read);
    }

    /** Adds an address, or gives one that is there these lifetimes and flags. Empty if it is done. */
    public Optional<NetlinkError> put(Address address) {
        int flags = Rtnetlink.NLM_F_ACK | Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_REPLACE;
        return exchange.command(sent(addressRequest(Rtnetlink.RTM_NEWADDR, flags, address)
                .number(Rtnetlink.IFA_FLAGS, address.flags())
                .lifetimes(address.preferredSeconds(), address.validSeconds())));
    }

    /** Removes an address; EADDRNOTAVAIL if it is not there. Empty if it is done. */
    public Optional<NetlinkError> delete(Address address) {
        return exchange.command(sent(addressRequest(Rtnetlink.RTM_DELADDR, Rtnetlink.NLM_F_ACK, address)));
    }

    private NetlinkRequest addressRequest(int type, int flags, Address address) {
        NetlinkRequest request = request(type, flags, Layouts.IFADDRMSG.byteSize());
        long at = NetlinkRequest.struct();
        memory.set(JAVA_BYTE, at, (byte) address.address().family());
        memory.set(JAVA_BYTE, at + PREFIX, (byte) address.prefixLength());
        memory.set(JAVA_BYTE, at + SCOPE, (byte) address.scope());
        memory.set(JAVA_INT_UNALIGNED, at + ADDRESS_INDEX, address.index());
        return request.address(Rtnetlink.IFA_LOCAL, address.address())
                .address(Rtnetlink.IFA_ADDRESS, address.address());
    }

    private int sent(NetlinkRequest request) {
        return socket.send(memory, request.bytes());
    }

    private interface Pick<T> {
        @Nullable
        T of(NetworkChange change);
    }

    /** What of a dump is wanted: a table can hold entries that no value of ours describes. */
    private static <T> NetlinkReply<List<T>> only(NetlinkReply<List<NetworkChange>> all, Pick<T> pick) {
        return switch (all) {
            case Refusal<List<NetworkChange>>(NetlinkError error) -> new Refusal<>(error);
            case Answer<List<NetworkChange>>(List<NetworkChange> changes) -> {
                List<T> picked = new ArrayList<>();
                for (NetworkChange change : changes) {
                    T value = pick.of(change);
                    if (value != null) picked.add(value);
                }
                yield new Answer<>(List.copyOf(picked));
            }
        };
    }

    @Override
    public void close() {
        socket.close();
        arena.close();
    }
}
