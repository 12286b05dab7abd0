package io.evenkeel.realserver;

import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.linux.TcAttachment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The receiver at its interfaces. Owns the receiver. Belongs to one platform thread. */
final class Attachments implements AutoCloseable {
    private final Receiver receiver;
    private final Map<Integer, Place> places = new HashMap<>();

    private record Place(String device, TcAttachment attachment) {}

    Attachments(Receiver receiver) {
        this.receiver = receiver;
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
                places.put(link.index(), new Place(link.name(), receiver.attach(link.name())));
            } catch (BpfException | SyscallException refused) {
                refusals.add("packets that come in on " + link.name() + " are not seen: " + refused.getMessage());
            }
        }
        return refusals;
    }

    List<String> devices() {
        return places.values().stream().map(Place::device).sorted().toList();
    }

    private void release(int index) {
        Place place = places.remove(index);
        if (place == null) return;
        try {
            place.attachment.detach();
        } catch (SyscallException gone) {
            // the interface has left, and taken it along
        }
        place.attachment.close();
    }

    @Override
    public void close() {
        for (int index : Set.copyOf(places.keySet())) release(index);
        receiver.close();
    }
}
