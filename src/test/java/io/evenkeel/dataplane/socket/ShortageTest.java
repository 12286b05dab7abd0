package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.model.Endpoint;
import org.junit.jupiter.api.Test;

/** A plane under a low limit of open files says what it cannot have, and keeps to what it has. */
class ShortageTest {

    @Test
    void fewDescriptorsMeanFewBackPortsAndTheOperatorIsTold() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            rig.openFileLimit = 80;
            Backend server = rig.sink("127.0.0.2");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            rig.replyPorts(256)
                    .apply(new TestService(0, vip)
                            .ops()
                            .server(server.endpoint(), 1)
                            .build());
            int granted =
                    80 - DescriptorBudget.FEWEST_SPARE - DescriptorBudget.PER_WORKER - DescriptorBudget.PER_UDP_SERVICE;
            assertThat(rig.plane.shortages())
                    .singleElement()
                    .asString()
                    .startsWith("room for " + granted + " back ports for replies (reply_ports) where 256 are wanted:"
                            + " the limit of open files is 80 (raise it to ");
            for (int i = 0; i < granted + 5; i++) {
                try (Client client = new Client(vip, "127.0.0.1", 0)) {
                    client.send(i);
                    rig.awaitReceived(0, i + 1);
                }
            }
            assertThat(rig.path(PathCounter.REPLY_PORTS_OPEN)).isEqualTo(granted);
            assertThat(rig.path(PathCounter.REPLY_PATH_EXHAUSTED)).isEqualTo(5);

            rig.openFileLimit = 1_024;
            rig.apply(new TestService(0, vip).ops().server(server.endpoint(), 2).build());
            assertThat(rig.plane.shortages()).isEmpty();
        }
    }

    @Test
    void whereNoServiceExpectsRepliesNobodyMissesBackPorts() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            rig.openFileLimit = 80;
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            Endpoint server = Endpoint.of("127.0.0.2:9");
            rig.replyPorts(8_192)
                    .apply(new TestService(0, vip)
                            .ops()
                            .responses(0)
                            .server(server, 1)
                            .build());
            assertThat(rig.plane.shortages()).isEmpty();
        }
    }

    @Test
    void aServiceWhoseSocketsDoNotFitIsRefusedByTheNumberThatWould() throws Exception {
        try (PlaneRig rig = new PlaneRig(1)) {
            rig.openFileLimit = DescriptorBudget.FEWEST_SPARE + DescriptorBudget.PER_WORKER + 3;
            Endpoint server = Endpoint.of("127.0.0.2:9");
            Endpoint vip = PlaneRig.freeVip("127.0.0.1");
            Endpoint second = PlaneRig.freeVip("127.0.0.1");
            Preparation preparation = rig.plane.prepare(rig.table(
                    new TestService(0, vip).ops().server(server, 1).build(),
                    new TestService(1, second).ops().server(server, 1).build()));
            assertThat(preparation).isInstanceOfSatisfying(Preparation.Denied.class, denied -> {
                assertThat(denied.service().orElseThrow().vip()).isEqualTo(second);
                assertThat(denied.refused().toString())
                        .isEqualTo("the limit of open files is 46, and 47 are needed at least (raise it to 47 or more:"
                                + " ulimit -n, or LimitNOFILE= in the unit)");
            });
        }
    }
}
