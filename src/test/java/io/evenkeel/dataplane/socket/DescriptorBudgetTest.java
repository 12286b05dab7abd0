package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.socket.DescriptorBudget.Demand;
import io.evenkeel.model.Refused;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One limit of open files, split among all who open some. */
class DescriptorBudgetTest {
    private static final int TCP = DescriptorBudget.USUAL_CONNECTIONS;

    /** Two workers; one service of each protocol that is wanted. The table of docs/descriptors.md. */
    @ParameterizedTest
    @CsvSource({
        // limit, UDP alone: back ports; TCP alone: connections; both: back ports, connections
        "64, 14, 2, 6, 1",
        "256, 182, 30, 90, 15",
        "1024, 758, 126, 378, 63",
        "4096, 3062, 510, 1530, 255",
        "65536, 8192, 10750, 8192, 9384",
        "1048576, 8192, 131072, 8192, 131072"
    })
    void everyLimitIsSplitAmongThoseWhoWantSome(int limit, int udp, int tcp, int bothUdp, int bothTcp) {
        DescriptorBudget onlyUdp = split(limit, new Demand(10, 8_192, 0, 0));
        assertThat(onlyUdp.replyPorts().granted()).isEqualTo(udp);
        assertThat(onlyUdp.connections().granted()).isZero();
        DescriptorBudget onlyTcp = split(limit, new Demand(8, 0, TCP, 0));
        assertThat(onlyTcp.connections().granted()).isEqualTo(tcp);
        assertThat(onlyTcp.replyPorts().granted()).isZero();
        DescriptorBudget both = split(limit, new Demand(12, 8_192, TCP, 0));
        assertThat(both.replyPorts().granted()).isEqualTo(bothUdp);
        assertThat(both.connections().granted()).isEqualTo(bothTcp);
    }

    @Test
    void whoWantsLittleGetsItAndTheOthersShareTheRest() {
        DescriptorBudget budget = split(4_096, new Demand(72, 100, TCP, 1_024));
        assertThat(budget.replyPorts().granted()).isEqualTo(100);
        assertThat(budget.senders().granted()).isEqualTo(1_024);
        assertThat(budget.connections().granted()).isEqualTo((4_096 - 1_024 - 72 - 100 - 1_024) / 6);
    }

    @ParameterizedTest
    @CsvSource({"0", "40", "63", "64", "65", "127", "1000", "1024", "5000", "100000", "1048576", "2147483647"})
    void togetherTheyNeverHaveMoreThanThereIs(int limit) {
        for (int fixed : new int[] {3, 10, 500, 100_000}) {
            DescriptorBudget b = split(limit, new Demand(fixed, 40_000, TCP, 2_048));
            long used = b.replyPorts().granted()
                    + b.connections().granted() * (long) StreamPool.FDS_PER_CONNECTION
                    + b.senders().granted();
            assertThat(used).isLessThanOrEqualTo(Math.max(0, (long) limit - fixed - b.spare()));
            assertThat(b.spare()).isBetween(DescriptorBudget.FEWEST_SPARE, DescriptorBudget.MOST_SPARE);
        }
    }

    @Test
    void whatIsNotGrantedIsSaidWithTheRemedy() {
        assertThat(split(1_024, new Demand(12, 8_192, TCP, 0)).shortages())
                .containsExactly(
                        "room for 378 back ports for replies (reply_ports) where 8192 are wanted: the limit of open"
                                + " files is 1024 (raise it to 15372 or more: ulimit -n, or LimitNOFILE= in the unit)",
                        "room for 63 TCP connections where 1024 are wanted: the limit of open files is 1024"
                                + " (raise it to 15372 or more: ulimit -n, or LimitNOFILE= in the unit)");
        assertThat(split(1_048_576, new Demand(12, 8_192, TCP, 1_024)).shortages())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "10, 8, 0",
        "10, 90, 0",
        "10, 114, 0",
        "10, 115, 0",
        "10, 500, 0",
        "10, 3062, 0",
        "10, 3063, 0",
        "10, 3070, 0",
        "10, 8192, 0",
        "12, 8192, 1024",
        "8, 0, 1024"
    })
    void theLimitThatTheRemedyNamesIsTheSmallestThatIsEnough(int fixed, int replyPorts, int connections) {
        Demand demand = new Demand(fixed, replyPorts, connections, 0);
        String said = split(DescriptorBudget.FEWEST_SPARE, demand).shortages().getFirst();
        int named = Integer.parseInt(said.replaceFirst(".*raise it to (\\d+) .*", "$1"));
        assertThat(split(named, demand).shortages()).isEmpty();
        assertThat(split(named - 1, demand).shortages()).isNotEmpty();
    }

    @Test
    void withoutTheDescriptorsThatNothingWorksWithoutATableIsRefused() {
        assertThat(DescriptorBudget.shortOf(50, 10)).isEmpty();
        assertThat(DescriptorBudget.shortOf(49, 10))
                .contains(new Refused(
                        "the limit of open files is 49, and 50 are needed at least",
                        "raise it to 50 or more: ulimit -n, or LimitNOFILE= in the unit"));
    }

    private static DescriptorBudget split(int limit, Demand demand) {
        return DescriptorBudget.split(limit, demand);
    }
}
