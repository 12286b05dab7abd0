import java.io.IOException;
import java.util.Optional;

/**
 * A balancer that serves now.
 *
 * @param entry where clients send, as address:port[,port...]
 * @param process the balancer; empty when there is none between clients and realservers
 * @param ledger reads the balancer's own account, if it keeps one
 */
record Running(String entry, Optional<Children.Child> process, Ledger ledger) implements AutoCloseable {
    interface Ledger {
        Optional<Account> read() throws IOException, InterruptedException;
    }

    /**
     * What a balancer says of itself.
     *
     * @param forwarded per realserver, in the order of the configuration
     * @param drops all reasons together
     * @param imbalance received less everything it is accounted for; a sound account says 0
     */
    record Account(long[] forwarded, long drops, long imbalance) {
        long[] forwardedSince(Account earlier) {
            long[] since = forwarded.clone();
            for (int i = 0; i < since.length; i++) {
                since[i] -= earlier.forwarded[i];
            }
            return since;
        }
    }

    /** CPU seconds of the balancer so far, all its processes together; 0 when there is none. */
    double cpuSeconds() {
        return process.map(child -> Proc.cpuSeconds(child.handle())).orElse(0.0);
    }

    @Override
    public void close() {
        process.ifPresent(Children.Child::close);
    }
}
