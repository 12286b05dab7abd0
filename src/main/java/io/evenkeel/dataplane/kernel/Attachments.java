package io.evenkeel.dataplane.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.evenkeel.linux.Address;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.BpfLink;
import io.evenkeel.linux.KernelRelease;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.NetlinkReply;
import io.evenkeel.linux.RouteSocket;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.linux.TcAttachment;
import io.evenkeel.linux.TcDirection;
import io.evenkeel.linux.TcHook;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the programs are attached: at every Ethernet interface that is up and has an address, since clients and
 * realservers may be behind any of them. Their links are pinned, so that they stay when this process goes; those that
 * another process left are taken over by replacing their program, between two packets. Owned by the director's thread,
 * which must be in the right network namespace.
 */
final class Attachments implements AutoCloseable {
    private static final long BYTES = Abi.INTERFACE.byteSize();
    private static final long INDEX = Abi.offset(Abi.INTERFACE, "index");
    private static final long ADDRESS = Abi.offset(Abi.INTERFACE, "address");
    private static final long REDIRECTS = Abi.offset(Abi.INTERFACE, "redirects");
    private static final int MAC_BYTES = 6;

    private final Bpf bpf;
    private final KernelObject object;
    private final RouteSocket questions = new RouteSocket();
    private final TcHook hook;
    private final Pins pins;
    private final Map<Integer, BpfLink> inheritedXdp;
    private final Map<Integer, BpfLink> inheritedTcx;
    private final Map<Integer, Attached> attached = new HashMap<>();
    private List<String> refusals = List.of();

    private record Attached(Link link, BpfLink ingress, TcAttachment egress) {}

    /** @throws IOException if what is pinned cannot be listed */
    Attachments(Bpf bpf, KernelObject object, Pins pins) throws IOException {
        this(bpf, object, pins, KernelRelease.current().atLeast(6, 6) ? TcHook.TCX : TcHook.CLSACT);
    }

    Attachments(Bpf bpf, KernelObject object, Pins pins, TcHook hook) throws IOException {
        this.bpf = bpf;
        this.object = object;
        this.pins = pins;
        inheritedXdp = pins.links(true);
        inheritedTcx = pins.links(false);
        this.hook = hook;
    }

    /** Attaches to what is there now and is not attached yet, and lets go of what has left. */
    void refresh() {
        List<String> no = new ArrayList<>();
        List<Link> there = served(no);
        forgetAllBut(there);
        for (Link link : there) {
            Attached before = attached.get(link.index());
            if (before != null && before.link.mac() == link.mac()) continue;
            if (before != null) {
                tell(link);
                attached.put(link.index(), new Attached(link, before.ingress, before.egress));
                continue;
            }
            int recorded = record(link.index()).get(JAVA_INT, INDEX);
            if (recorded != 0 && recorded != link.index()) {
                no.add("the kernel plane does not see " + link.name() + ": its index shares a place with another's");
                continue;
            }
            try {
                attached.put(link.index(), attach(link));
            } catch (BpfException | SyscallException refused) {
                no.add("the kernel plane does not see " + link.name() + ": " + refused.getMessage());
            }
        }
        refusals = List.copyOf(no);
    }

    /** Another process has left a program on an interface. */
    boolean inherited() {
        return !inheritedXdp.isEmpty();
    }

    private List<Link> served(List<String> no) {
        if (!(questions.links() instanceof NetlinkReply.Answer<List<Link>>(List<Link> links))
                || !(questions.addresses() instanceof NetlinkReply.Answer<List<Address>>(List<Address> addresses))) {
            no.add("the kernel plane cannot list the interfaces of this machine");
            return attached.values().stream().map(Attached::link).toList();
        }
        Set<Integer> withAddress = new HashSet<>();
        for (Address address : addresses) withAddress.add(address.index());
        return links.stream()
                .filter(link -> link.up() && link.ethernet() && link.mac() != 0 && link.resolves())
                .filter(link -> withAddress.contains(link.index()))
                .toList();
    }

    private void forgetAllBut(List<Link> there) {
        Set<Integer> indices = new HashSet<>();
        for (Link link : there) indices.add(link.index());
        for (Iterator<Attached> i = attached.values().iterator(); i.hasNext(); ) {
            Attached gone = i.next();
            if (indices.contains(gone.link.index())) continue;
            release(gone);
            i.remove();
        }
        letGo(inheritedXdp, indices, true);
        letGo(inheritedTcx, indices, false);
    }

    /** Takes off what another process left on interfaces that have no part any more. */
    private void letGo(Map<Integer, BpfLink> inherited, Set<Integer> there, boolean xdp) {
        for (Iterator<Map.Entry<Integer, BpfLink>> i = inherited.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<Integer, BpfLink> each = i.next();
            if (there.contains(each.getKey())) continue;
            release(each.getValue(), xdp ? pins.xdp(each.getKey()) : pins.tcx(each.getKey()));
            if (xdp && record(each.getKey()).get(JAVA_INT, INDEX) == each.getKey()) forget(each.getKey());
            i.remove();
        }
    }

    private void forget(int index) {
        record(index).fill((byte) 0);
    }

    private Attached attach(Link link) {
        BpfLink before = inheritedTcx.get(link.index());
        TcAttachment egress = egress(link);
        try {
            tell(link);
            return new Attached(link, ingress(link), egress);
        } catch (BpfException | SyscallException refused) {
            if (!inheritedXdp.containsKey(link.index())) forget(link.index());
            if (before != null && before.equals(egress)) inheritedTcx.put(link.index(), before); // stays as it was
            else release(egress, pins.tcx(link.index()));
            throw refused;
        }
    }

    private BpfLink ingress(Link link) {
        BpfLink before = inheritedXdp.get(link.index());
        if (before != null && holds(before, bpf.xdp(link.name()))) {
            before.update(object.ingress());
            inheritedXdp.remove(link.index());
            return before;
        }
        if (before != null) letGo(inheritedXdp, allBut(inheritedXdp, link.index()), true); // of another namespace
        return pinned(bpf.attachXdp(object.ingress(), link.name()), pins.xdp(link.index()));
    }

    private TcAttachment egress(Link link) {
        BpfLink before = inheritedTcx.get(link.index());
        if (before != null && holds(before, bpf.tc(link.name(), TcDirection.EGRESS))) {
            before.update(object.egress());
            inheritedTcx.remove(link.index());
            return before;
        }
        if (before != null) letGo(inheritedTcx, allBut(inheritedTcx, link.index()), false);
        Optional<TcAttachment> filter = inheritedXdp.containsKey(link.index()) && hook == TcHook.CLSACT
                ? bpf.clsact(link.name(), TcDirection.EGRESS)
                : Optional.empty();
        if (filter.isPresent()) {
            filter.get().update(object.egress());
            return filter.get();
        }
        TcAttachment made = bpf.attachTc(object.egress(), link.name(), TcDirection.EGRESS, hook);
        return made instanceof BpfLink tcx ? pinned(tcx, pins.tcx(link.index())) : made;
    }

    /** Indices are counted in each network namespace: the link is at this interface only if its program is. */
    private static boolean holds(BpfLink link, List<io.evenkeel.linux.Attached> there) {
        int program = link.info().programId();
        return there.stream().anyMatch(each -> each.programId() == program);
    }

    private static Set<Integer> allBut(Map<Integer, BpfLink> links, int index) {
        Set<Integer> others = new HashSet<>(links.keySet());
        others.remove(index);
        return others;
    }

    private static BpfLink pinned(BpfLink link, Path pin) {
        int result = link.pin(pin);
        if (result >= 0) return link;
        link.close();
        throw new SyscallException("pin", -result, pin.toString());
    }

    private MemorySegment record(int index) {
        return object.maps().interfaces().asSlice((index & (Abi.INTERFACES - 1)) * BYTES, BYTES);
    }

    private void tell(Link link) {
        MemorySegment record = record(link.index());
        for (int i = 0; i < MAC_BYTES; i++) {
            record.set(JAVA_BYTE, ADDRESS + i, (byte) (link.mac() >>> (8 * (MAC_BYTES - 1 - i))));
        }
        // XDP_TX on a veth wakes its peer only if that has an XDP program too (veth.c, veth_xdp_flush).
        record.set(JAVA_BYTE, REDIRECTS, (byte) (link.kind().equals("veth") ? 1 : 0));
        record.set(JAVA_INT, INDEX, link.index());
    }

    private void release(Attached gone) {
        release(gone.ingress, pins.xdp(gone.link.index()));
        release(gone.egress, pins.tcx(gone.link.index()));
        forget(gone.link.index());
    }

    private static void release(TcAttachment place, Path pin) {
        try {
            place.detach();
        } catch (SyscallException gone) {
            // the interface has left, and taken it along
        }
        place.close();
        Pins.unpin(pin);
    }

    boolean none() {
        return attached.isEmpty();
    }

    /** Interfaces that packets are not seen on, each with the reason. */
    List<String> refusals() {
        return refusals;
    }

    /** Lets go of the descriptors; the programs stay where they are. */
    void leave() {
        for (Attached each : attached.values()) {
            each.ingress.close();
            each.egress.close();
        }
        inheritedXdp.values().forEach(BpfLink::close);
        inheritedTcx.values().forEach(BpfLink::close);
        questions.close();
    }

    /** Takes the programs off every interface, whoever put them there for this instance. */
    @Override
    public void close() {
        attached.values().forEach(this::release);
        letGo(inheritedXdp, Set.of(), true);
        letGo(inheritedTcx, Set.of(), false);
        questions.close();
    }
}
