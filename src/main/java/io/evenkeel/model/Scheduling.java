package io.evenkeel.model;

/** How a service chooses a realserver: keepalived's {@code lb_algo} with the flags that belong to it. */
public sealed interface Scheduling {

    /** IPVS's name of the scheduler, as in {@code lb_algo} and {@code ipvsadm -s}. */
    String ipvsName();

    /** Each usable realserver in turn. */
    record RoundRobin() implements Scheduling {
        @Override
        public String ipvsName() {
            return "rr";
        }
    }

    /** In turn, in proportion to weight. */
    record WeightedRoundRobin() implements Scheduling {
        @Override
        public String ipvsName() {
            return "wrr";
        }
    }

    /** The fewest flows. */
    record LeastConnection() implements Scheduling {
        @Override
        public String ipvsName() {
            return "lc";
        }
    }

    /** The fewest flows for its weight; IPVS's and keepalived's default. */
    record WeightedLeastConnection() implements Scheduling {
        @Override
        public String ipvsName() {
            return "wlc";
        }
    }

    /** The shortest expected delay: (flows + 1) / weight. */
    record ShortestExpectedDelay() implements Scheduling {
        @Override
        public String ipvsName() {
            return "sed";
        }
    }

    /** An idle realserver if there is one, else as {@link ShortestExpectedDelay}. */
    record NeverQueue() implements Scheduling {
        @Override
        public String ipvsName() {
            return "nq";
        }
    }

    /** All to the heaviest usable realserver (IPVS {@code fo}). */
    record WeightedFailover() implements Scheduling {
        @Override
        public String ipvsName() {
            return "fo";
        }
    }

    /** The heaviest until it holds as many flows as its weight, then the next (IPVS {@code ovf}). */
    record Overflow() implements Scheduling {
        @Override
        public String ipvsName() {
            return "ovf";
        }
    }

    /**
     * By the client's address, IPVS {@code sh}.
     *
     * @param port hash the client's port too ({@code sh-port})
     * @param fallback walk on when the chosen one cannot be used ({@code sh-fallback})
     */
    record SourceHash(boolean port, boolean fallback) implements Scheduling {
        @Override
        public String ipvsName() {
            return "sh";
        }
    }

    /**
     * By the client's address, consistently: IPVS {@code mh} (Maglev).
     *
     * @param port hash the client's port too ({@code mh-port})
     * @param fallback walk on when the chosen one cannot be used ({@code mh-fallback})
     */
    record Maglev(boolean port, boolean fallback) implements Scheduling {
        @Override
        public String ipvsName() {
            return "mh";
        }
    }

    /** By the destination address, IPVS {@code dh}. */
    record DestinationHash() implements Scheduling {
        @Override
        public String ipvsName() {
            return "dh";
        }
    }
}
