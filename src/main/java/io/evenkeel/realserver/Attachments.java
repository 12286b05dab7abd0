package io.evenkeel.realserver;

import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.linux.TcAttachment;
import io.evenkeel.linux.TcDirection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The receiver at its interfaces. Owns the receiver. Belongs to one platform thread. */
final class Attachments implements AutoCloseable {
    private final Receiver receiver;
    private final Map<Integer, Place> places = new HashMap<>();

    private final boolean watching;

    private record Place(String device, TcAttachment ingress, Optional<TcAttachment> egress) {}

    /** @param watching answers are looked at on their way out */
    Attachments(Receiver receiver, boolean watching) {
        this.receiver = receiver;
        this.watching = watching;
    }

    Receiver receiver() {
        return receiver;
    }

    boolean outlives() {
        return receiver.outlives();
    }

    void removeLeftover(String device) {
        receiver.removeLeftover(device);
    }

    /** Attaches to those that are new, lets go of those that are not wanted any more; answers why some did not take it. */
    List<String> refresh(List<Link> wanted) {
        List<String> refusals = new ArrayList<>();
        Set<Integer> indices = new HashSet<>();
        for (Link link : wanted) indices.add(link.index());
        for (int index : Set.copyOf(places.keySet())) {
            if (!indices.contains(index)) release(index);
        }
        for (Link link : wanted) {
            if (places.containsKey(link.index())) continue;
            try {
                if (outlives()) receiver.removeLeftover(link.name());
                TcAttachment ingress = receiver.attach(link.name(), TcDirection.INGRESS);
                places.put(link.index(), new Place(link.name(), ingress, egress(link.name(), refusals)));
            } catch (BpfException | SyscallException refused) {
                refusals.add("packets that come in on " + link.name() + " are not seen: " + refused.getMessage());
            }
        }
        return refusals;
    }

    private Optional<TcAttachment> egress(String device, List<String> refusals) {
        if (!watching) return Optional.empty();
        try {
            return Optional.of(receiver.attach(device, TcDirection.EGRESS));
        } catch (BpfException | SyscallException refused) {
            refusals.add("answers that leave by " + device + " are not seen: " + refused.getMessage());
            return Optional.empty();
        }
    }

    List<String> devices() {
        return places.values().stream().map(Place::device).sorted().toList();
    }

    private void release(int index) {
        Place place = places.remove(index);
        if (place == null) return;
        detach(place.ingress);
        place.egress.ifPresent(Attachments::detach);
    }

    private static void detach(TcAttachment attachment) {
        try {
            attachment.detach();
        } catch (SyscallException gone) {
            // the interface has left, and taken it along
        }
        attachment.close();
    }

    @Override
    public void close() {
        for (int index : Set.copyOf(places.keySet())) release(index);
        receiver.close();
    }
}
