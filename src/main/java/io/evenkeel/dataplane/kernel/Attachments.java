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
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where the programs are attached: at every Ethernet interface that is up and has an address, since clients and
 * realservers may be behind any of them. Owned by the director's thread, which must be in the right network namespace.
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
    private final Map<Integer, Attached> attached = new HashMap<>();
    private List<String> refusals = List.of();

    private record Attached(Link link, BpfLink ingress, TcAttachment egress) {}

    Attachments(Bpf bpf, KernelObject object) {
        this.bpf = bpf;
        this.object = object;
        hook = KernelRelease.current().atLeast(6, 6) ? TcHook.TCX : TcHook.CLSACT;
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
            if (record(link.index()).get(JAVA_INT, INDEX) != 0) {
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
    }

    private Attached attach(Link link) {
        TcAttachment egress = bpf.attachTc(object.egress(), link.name(), TcDirection.EGRESS, hook);
        try {
            tell(link);
            return new Attached(link, bpf.attachXdp(object.ingress(), link.name()), egress);
        } catch (BpfException | SyscallException refused) {
            record(link.index()).fill((byte) 0);
            release(egress);
            throw refused;
        }
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
        gone.ingress.close();
        release(gone.egress);
        record(gone.link.index()).fill((byte) 0);
    }

    private static void release(TcAttachment egress) {
        try {
            egress.detach();
        } catch (SyscallException gone) {
            // the interface has left, and taken it along
        }
        egress.close();
    }

    boolean none() {
        return attached.isEmpty();
    }

    /** Interfaces that packets are not seen on, each with the reason. */
    List<String> refusals() {
        return refusals;
    }

    @Override
    public void close() {
        for (Attached each : attached.values()) release(each);
        attached.clear();
        questions.close();
    }
}
