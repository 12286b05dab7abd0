package io.evenkeel.dataplane;

import io.evenkeel.model.Refused;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What forwards packets. The director's thread alone calls prepare, commit, abandon, flip and stopTaking; counters may be
 * read from any thread. A change is <em>complete</em> when every worker has acknowledged it: no packet received after
 * that is treated the old way.
 */
public interface DataPlane extends AutoCloseable {

    /** What this plane can do here; constant for its life. */
    PlaneLimits limits();

    /** Opens and allocates all that {@code table} needs beside what runs. May refuse; changes nothing that is seen. */
    Preparation prepare(ForwardingTable table);

    /** Makes a prepared table the one in force. Completes when every worker has acknowledged it. */
    CompletableFuture<Void> commit(Preparation.Ready ready);

    /** Gives back what a preparation opened. */
    void abandon(Preparation.Ready ready);

    /** Changes the state of one realserver at once, within the table in force. */
    CompletableFuture<Void> flip(ServerFlip flip);

    /** A consistent reading: for each worker a batch boundary, so both accounting laws hold in it. */
    CountersSnapshot counters();

    /**
     * Where a packet would go now, and why: by the rules, the table and the states in force, and by what this plane knows
     * of the client. Nothing changes by it: no turn is taken, nothing is counted. Any thread; does not wait for packets'
     * threads, nor they for it.
     */
    CompletableFuture<Explanation> explain(Question question);

    /**
     * What the table in force wants and this machine does not grant: one sentence each, naming wanted, granted and the
     * remedy. Empty when all is granted. Any thread; changes with a commit.
     */
    List<String> shortages();

    /**
     * Refuses new work from now on (datagrams are counted {@link DropReason#SHUTTING_DOWN}, listeners are closed) while
     * replies still pass. Completes when no flow expects a reply any more, or after {@code grace}.
     */
    CompletableFuture<Void> stopTaking(Duration grace);

    /** What this plane found in force when it was opened; constant for its life. Any thread. */
    default Inheritance inheritance() {
        return Inheritance.NONE;
    }

    /**
     * From now on {@link #close} leaves in force what forwards without this process, for the next one to take over. Refused
     * where nothing does. Any thread.
     */
    default Optional<Refused> leave() {
        return Optional.of(new Refused(
                "the " + limits().plane() + " plane forwards in this very process, so nothing would be left",
                "stop it by SIGTERM"));
    }

    /** Stops the workers and closes every socket; but see {@link #leave}. */
    @Override
    void close();
}
