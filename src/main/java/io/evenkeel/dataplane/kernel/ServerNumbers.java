package io.evenkeel.dataplane.kernel;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.ServiceKey;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/**
 * Each realserver's number in the maps: the same in every table in which it stands, whichever process made it, and not
 * given to another before a table without it is in force everywhere. Owned by the director's thread.
 */
final class ServerNumbers {
    /** A realserver by what it is: nothing that a new process would count afresh. */
    record Place(ServiceKey service, Endpoint endpoint) {}

    private final int most;
    private final Map<Place, Integer> numbers = new HashMap<>();
    private final BitSet had = new BitSet(); // numbers that somebody has or had
    private final Queue<Integer> free = new ArrayDeque<>();
    private final int[] told; // by number: the director's generation
    private final boolean[] inherited; // the director has not told any yet
    private final char[] generations; // and what the flows are told

    ServerNumbers(int most) {
        this.most = most;
        told = new int[most];
        inherited = new boolean[most];
        generations = new char[most];
    }

    /** The realserver has this number, and its flows name this generation; before any is given. */
    void inherit(Place place, int number, int generation) {
        numbers.put(place, number);
        had.set(number);
        inherited[number] = true;
        generations[number] = (char) generation;
    }

    /** Flows that are left over name this number, up to this generation, though no realserver has it. */
    void avoid(int number, int generation) {
        if (had.get(number)) return;
        had.set(number);
        free.add(number);
        generations[number] = (char) generation;
    }

    /** The realserver's number, a new one if it has none; −1 when all are taken. */
    int of(Place place) {
        Integer known = numbers.get(place);
        if (known != null) return known;
        // One that nobody had yet, while there is: flows of a number's last owner count as its load until they end.
        int fresh = had.nextClearBit(0);
        Integer number = fresh < most ? Integer.valueOf(fresh) : free.poll();
        if (number == null) return -1;
        had.set(number);
        numbers.put(place, number);
        inherited[number] = false;
        generations[number]++; // no flow of its last owner is this one's
        return number;
    }

    /**
     * The generation that flows of a realserver name, 16 bits: another one whenever the director's is another, or the
     * number was given to another realserver. A new director begins to count anew, and what it tells first of an
     * inherited realserver is the one that its flows name.
     */
    int generation(int number, int directors) {
        if (inherited[number]) {
            inherited[number] = false;
            told[number] = directors;
        }
        if (told[number] != directors) {
            told[number] = directors;
            generations[number]++;
        }
        return generations[number];
    }

    /** Every number in use, by its realserver. */
    Map<Place, Integer> all() {
        return Map.copyOf(numbers);
    }

    /** Takes back the numbers of all that do not stand in the table in force, nor in any that packets may still see. */
    Set<Integer> keepOnly(Set<Place> standing) {
        Set<Integer> freed = new HashSet<>();
        for (Iterator<Map.Entry<Place, Integer>> i = numbers.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<Place, Integer> entry = i.next();
            if (standing.contains(entry.getKey())) continue;
            freed.add(entry.getValue());
            free.add(entry.getValue());
            i.remove();
        }
        return freed;
    }
}
