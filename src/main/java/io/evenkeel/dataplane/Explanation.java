package io.evenkeel.dataplane;

import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import java.util.List;
import java.util.Optional;

/**
 * What a plane would do with the packet of a {@link Question}, found out without doing it. Immutable.
 */
public sealed interface Explanation {
    /** Turns that are told beforehand. */
    int TURNS_AHEAD = 8;

    /** It is none of ours, or this plane cannot tell. */
    record Unknown(Refused refused) implements Explanation {}

    /**
     * It goes to a virtual service.
     *
     * @param leaves the realserver that the client's flow has until now and leaves with this packet
     * @param turns empty unless the scheduler deals turns by a rotation
     * @param servers all of the service, in the table's order
     */
    record ToService(
            ServiceKey service,
            Choice choice,
            Optional<Endpoint> leaves,
            Fate fate,
            Optional<Turns> turns,
            List<Server> servers)
            implements Explanation {
        public ToService {
            servers = List.copyOf(servers);
        }
    }

    /**
     * It comes from a realserver.
     *
     * @param service whose reply it is; empty if it is nobody's
     */
    record FromServer(Optional<ServiceKey> service, Fate fate) implements Explanation {}

    /** By what the realserver is chosen. */
    sealed interface Choice {
        /**
         * By the turn that the packet takes.
         *
         * @param turn ≥ 0
         * @param slot turn mod length
         * @param length slots of the rotation
         * @param first whose slot it is; another gets the packet if this one cannot be used
         */
        record Turn(long turn, int slot, int length, Endpoint first) implements Choice {}

        /**
         * By a hash.
         *
         * @param key of what
         * @param size slots of the table
         * @param first whose slot it is; empty if it is nobody's
         */
        record Hash(String key, int slot, int size, Optional<Endpoint> first) implements Choice {}

        /**
         * By the realservers' load.
         *
         * @param turn parts those that are equal
         */
        record Load(long turn) implements Choice {}

        /**
         * The client has a flow (TCP: a connection) already, which keeps its realserver.
         *
         * @param idleNanos since its last packet
         */
        record Flow(long idleNanos) implements Choice {}

        /** The client's network was given to a realserver before (persistence). */
        record Template(IpAddress network, int prefixLength) implements Choice {}

        /** Nobody was chosen; the fate says why. */
        record Nobody() implements Choice {}
    }

    /** What becomes of it. */
    sealed interface Fate {
        /**
         * It is sent to a realserver.
         *
         * @param hop empty if the kernel's routing decides when it is sent
         */
        record Sent(Endpoint to, Forwarding method, List<Rewrite> rewritten, Optional<Hop> hop) implements Fate {
            public Sent {
                rewritten = List.copyOf(rewritten);
            }
        }

        /**
         * It depends on which worker receives it: the kernel decides that by a secret of its own.
         *
         * @param either two or more
         */
        record Either(List<Sent> either) implements Fate {
            public Either {
                either = List.copyOf(either);
            }
        }

        /** It is given to this machine's own stack, which is the realserver. */
        record Delivered(Endpoint to, Forwarding method) implements Fate {}

        /**
         * It is dropped and counted.
         *
         * @param at the realserver it would have gone to; empty if it did not come so far
         */
        record Dropped(DropReason reason, Optional<Endpoint> at) implements Fate {}

        /**
         * It returns to the client.
         *
         * @param hop empty if the kernel's routing decides when it is sent
         */
        record Returned(List<Rewrite> rewritten, Optional<Hop> hop) implements Fate {
            public Returned {
                rewritten = List.copyOf(rewritten);
            }
        }

        /** It is left to the kernel's own stack, as if we were not there; {@code why} is a sentence. */
        record Passed(String why) implements Fate {}
    }

    /** A field of the packet that changes; {@code after} may say in words what is not known before it is sent. */
    record Rewrite(String field, String before, String after) {}

    /**
     * Where it leaves.
     *
     * @param device the interface's name
     * @param mac of the neighbour, e.g. {@code 02:00:00:00:00:01}; empty if only the sending itself will tell
     */
    record Hop(String device, Optional<String> mac) {}

    /**
     * Of the rotation, as everything stands now.
     *
     * @param next the next turn
     * @param picks who gets it, and who those after it: {@link #TURNS_AHEAD} in all, or none while nobody can be picked
     */
    record Turns(long next, int length, List<Endpoint> picks) {
        public Turns {
            picks = List.copyOf(picks);
        }
    }

    /** Whether a realserver can be given new work. */
    enum Standing {
        /** It can. */
        OPEN,
        /** Suspect, and others are open. */
        SUSPECT,
        /** Draining, or of weight 0: it keeps what it has. */
        HOLDING,
        /** Failed, or replaced by the sorry server, or the sorry server itself while it is not needed. */
        SHUT,
        /** At its upper threshold. */
        OVERLOADED
    }

    /**
     * A realserver as the plane has it now.
     *
     * @param upperThreshold 0 for none
     * @param flows live now: tracked flows, or connections
     * @param active of them, those that schedulers call active
     * @param lately datagrams that least-load schedulers go by under one-packet scheduling; 0 elsewhere
     */
    record Server(
            Endpoint endpoint,
            int weight,
            Standing standing,
            int upperThreshold,
            long flows,
            long active,
            long lately) {}
}
