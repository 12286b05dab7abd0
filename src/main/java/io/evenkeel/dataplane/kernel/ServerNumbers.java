package io.evenkeel.dataplane.kernel;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/**
 * Each realserver's number in the maps: the same in every table in which it stands, and not given to another before a
 * table without it is in force everywhere. Owned by the director's thread.
 */
final class ServerNumbers {
    /** A realserver by its slots, which are stable too. */
    record Place(int service, int server) {}

    private final int most;
    private final Map<Place, Integer> numbers = new HashMap<>();
    private final Queue<Integer> free = new ArrayDeque<>();
    private final int[] told; // by number: the director's generation
    private final char[] generations; // and what the flows are told
    private int next;

    ServerNumbers(int most) {
        this.most = most;
        told = new int[most];
        generations = new char[most];
    }

    /** The realserver's number, a new one if it has none; −1 when all are taken. */
    int of(Place place) {
        Integer known = numbers.get(place);
        if (known != null) return known;
        // One that nobody had yet, while there is: flows of a number's last owner count as its load until they end.
        Integer number = next < most ? Integer.valueOf(next++) : free.poll();
        if (number == null) return -1;
        numbers.put(place, number);
        generations[number]++; // no flow of its last owner is this one's
        return number;
    }

    /**
     * The generation that flows of a realserver name, 16 bits: another one whenever the director's is another, or the
     * number was given to another realserver.
     */
    int generation(int number, int directors) {
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
