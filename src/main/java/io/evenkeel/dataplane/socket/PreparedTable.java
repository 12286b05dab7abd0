package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Preparation;
import java.util.List;

/** A table with everything it needs opened, to be committed or abandoned. The director's thread. */
record PreparedTable(ForwardingTable table, List<PreparedService> services) implements Preparation.Ready {

    /** Gives back what was opened. */
    void close() {
        for (PreparedService service : services) service.close();
    }
}
