package io.evenkeel.doctor;

import io.evenkeel.doctor.Nic.FarEnd;
import io.evenkeel.linux.Ethtool.Queues;
import io.evenkeel.linux.XdpFeatures;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Drivers' answers for tests: everything is as it should be but what is given. */
final class Nics {
    static final long RUNS_PROGRAMS = 1;
    static final long TAKES_REDIRECTED = 4;

    private Nics() {}

    static Nic with(Set<String> features) {
        return all("ixgbe", features, Optional.empty(), Optional.empty(), RUNS_PROGRAMS, List.of(), List.of());
    }

    static Nic queues(int now, int most, boolean combined) {
        Queues queues = new Queues(now, most, combined, now);
        return all("ixgbe", Set.of(), Optional.of(queues), Optional.empty(), RUNS_PROGRAMS, List.of(), List.of());
    }

    static Nic spread(int queues, boolean ports) {
        Queues some = new Queues(queues, queues, true, queues);
        return all("ixgbe", Set.of(), Optional.of(some), Optional.of(ports), RUNS_PROGRAMS, List.of(), List.of());
    }

    static Nic driver(String driver, long xdp) {
        return all(driver, Set.of(), Optional.empty(), Optional.empty(), xdp, List.of(), List.of());
    }

    /** On a kernel that does not tell what drivers can do. */
    static Nic oldKernel(String driver) {
        return new Nic(
                driver,
                Optional.of(Set.of()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                List.of());
    }

    static Nic programs(List<Program> xdp, List<Program> tc) {
        return all("ixgbe", Set.of(), Optional.empty(), Optional.empty(), RUNS_PROGRAMS, xdp, tc);
    }

    static Nic veth(boolean takesRedirected, Set<String> own, @Nullable FarEnd far) {
        long xdp = RUNS_PROGRAMS | (takesRedirected ? TAKES_REDIRECTED : 0);
        return new Nic(
                "veth",
                Optional.of(own),
                Optional.of(new Queues(1, 1, false, 1)),
                Optional.empty(),
                Optional.of(new XdpFeatures(xdp)),
                List.of(),
                List.of(),
                Optional.ofNullable(far),
                List.of());
    }

    /** The other end, in the namespace {@code there}. */
    static FarEnd far(int mtu, int sending, String... features) {
        return new FarEnd(
                "ip netns exec there",
                "d1",
                mtu,
                false,
                Set.of(features),
                Optional.of(new Queues(sending, sending, false, sending)));
    }

    private static Nic all(
            String driver,
            Set<String> features,
            Optional<Queues> queues,
            Optional<Boolean> ports,
            long xdp,
            List<Program> programs,
            List<Program> tc) {
        return new Nic(
                driver,
                Optional.of(features),
                queues,
                ports,
                Optional.of(new XdpFeatures(xdp)),
                programs,
                tc,
                Optional.empty(),
                List.of());
    }
}
