package io.evenkeel.dataplane.kernel;

import io.evenkeel.schedule.LeastPick;
import io.evenkeel.schedule.Rotation;
import io.evenkeel.schedule.Schedule;
import io.evenkeel.schedule.SlotTable;

/** How the program picks: {@code enum ek_algorithm}, in its order. */
enum Algorithm {
    ROTATE(0),
    SOURCE_HASH(1),
    DESTINATION_HASH(2),
    MAGLEV(3),
    LEAST_LOAD(4),
    LEAST_BY_WEIGHT(5),
    LEAST_DELAY(6),
    IDLE_FIRST(7),
    HEAVIEST(8),
    UNTIL_FULL(9);

    private final int number;

    Algorithm(int number) {
        this.number = number;
    }

    /** The one that picks as this schedule does. */
    static Algorithm of(Schedule schedule) {
        return switch (schedule) {
            case Rotation _ -> ROTATE;
            case SlotTable table ->
                switch (table.kind()) {
                    case SOURCE -> SOURCE_HASH;
                    case MAGLEV -> MAGLEV;
                    case DESTINATION -> DESTINATION_HASH;
                };
            case LeastPick least ->
                switch (least.rule()) {
                    case LOAD -> LEAST_LOAD;
                    case LOAD_BY_WEIGHT -> LEAST_BY_WEIGHT;
                    case DELAY -> LEAST_DELAY;
                    case IDLE -> IDLE_FIRST;
                    case WEIGHT -> HEAVIEST;
                    case OVERFLOW -> UNTIL_FULL;
                };
        };
    }

    /** Its number in the program. */
    int number() {
        return number;
    }
}
