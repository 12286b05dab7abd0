package io.evenkeel.director;

import static io.evenkeel.director.Configs.checked;
import static io.evenkeel.director.Configs.key;
import static io.evenkeel.director.Configs.server;
import static io.evenkeel.director.Configs.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.Usability;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.RealServer;
import io.evenkeel.schedule.Rotation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Quorum, sorry server and inhibit over every short history, against keepalived's formulas written out once more. */
class QuorumSequencesTest {
    private static final Endpoint SORRY = server(9);
    private static final int SERVERS = 3;
    private static final int LENGTH = 4; // 3 realservers, each step turns one over: 3^4 histories

    @ParameterizedTest
    @CsvSource({
        "1,1,1, 1,0, none", "1,1,1, 2,0, none", "1,1,1, 2,1, none", "2,1,1, 3,1, none", "5,3,2, 5,2, none",
        "1,1,1, 1,0, own", "1,1,1, 2,0, own", "1,1,1, 2,1, own", "2,1,1, 3,1, own", "5,3,2, 5,2, own",
        "1,1,1, 2,0, same", "2,1,1, 3,1, same", "0,1,1, 1,0, own", "0,0,1, 1,0, same"
    })
    void everyShortHistoryFollowsTheFormulas(int w1, int w2, int w3, int quorum, int hysteresis, String sorry) {
        int[] weights = {w1, w2, w3};
        for (boolean inhibit : new boolean[] {false, true}) {
            int histories = (int) Math.pow(SERVERS, LENGTH);
            for (int history = 0; history < histories; history++) {
                play(weights, quorum, hysteresis, sorry, inhibit, history);
            }
        }
    }

    private static void play(int[] weights, int quorum, int slack, String sorry, boolean inhibit, int history) {
        Rig rig = new Rig();
        List<RealServer> servers = new ArrayList<>();
        for (int i = 0; i < SERVERS; i++) {
            RealServer realServer = checked(server(i + 1), weights[i]);
            servers.add(inhibit ? Configs.inhibited(realServer) : realServer);
        }
        var builder = service(1).with(servers.toArray(RealServer[]::new)).quorum(quorum, slack);
        boolean hasSorry = !sorry.equals("none");
        Endpoint sorryEndpoint = sorry.equals("same") ? server(1) : SORRY;
        if (hasSorry) builder.sorry(sorryEndpoint);
        rig.apply(Configs.of(builder.build()));
        boolean[] up = {true, true, true};
        boolean hasQuorum = weight(weights, up) >= quorum + slack;
        for (int step = 0, rest = history; step <= LENGTH; step++, rest /= SERVERS) {
            String where = "weights %s quorum %s-%s sorry %s inhibit %s history %s step %s"
                    .formatted(java.util.Arrays.toString(weights), quorum, slack, sorry, inhibit, history, step);
            expect(rig, weights, up, hasQuorum, hasSorry, sorryEndpoint, where);
            int turned = rest % SERVERS;
            up[turned] = !up[turned];
            rig.finds(server(turned + 1), up[turned] ? Rig.GOOD : Rig.BAD);
            rig.run(Duration.ofSeconds(1));
            long weight = weight(weights, up);
            if (hasQuorum) hasQuorum = weight != 0 && weight >= quorum - slack;
            else hasQuorum = weight >= quorum + slack;
        }
    }

    private static long weight(int[] weights, boolean[] up) {
        long sum = 0;
        for (int i = 0; i < weights.length; i++) if (up[i]) sum += weights[i];
        return sum;
    }

    private static void expect(
            Rig rig, int[] weights, boolean[] up, boolean hasQuorum, boolean hasSorry, Endpoint sorry, String where) {
        boolean sorryServes = hasSorry && !hasQuorum;
        Snapshot.Service shown = rig.service(key(1));
        assertThat(shown.quorum().up()).as(where).isEqualTo(hasQuorum);
        assertThat(shown.state()).as(where).isEqualTo(sorryServes ? "sorry" : hasQuorum ? "up" : "down");
        int slots = 0;
        for (int i = 0; i < weights.length; i++) {
            Usability expected =
                    !up[i] || sorryServes ? Usability.SHUT : weights[i] == 0 ? Usability.HOLDING : Usability.OPEN;
            if (sorryServes && server(i + 1).equals(sorry)) expected = Usability.OPEN;
            assertThat(rig.plane.usability(key(1), server(i + 1))).as(where).isEqualTo(expected);
            if (expected == Usability.OPEN && !sorryServes) slots += weights[i];
        }
        if (hasSorry && sorry.equals(SORRY)) {
            assertThat(rig.plane.usability(key(1), SORRY))
                    .as(where)
                    .isEqualTo(sorryServes ? Usability.OPEN : Usability.SHUT);
        }
        Rotation rotation = (Rotation) rig.plane.service(key(1)).schedule();
        if (sorryServes) assertThat(rotation.length()).as(where).isEqualTo(1);
        else assertThat(rotation.length() == 0).as(where).isEqualTo(slots == 0);
    }

    @Test
    void sorryServerOpensBeforeTheRealserversShut() {
        Rig rig = new Rig();
        rig.apply(Configs.of(service(1)
                .with(checked(server(1), 1), checked(server(2), 1))
                .quorum(2, 0)
                .sorry(SORRY)
                .build()));
        rig.run(Duration.ofSeconds(1));
        int mark = rig.plane.calls.size();
        rig.finds(server(1), Rig.BAD);
        rig.run(Duration.ofSeconds(1));
        assertThat(rig.callsSince(mark))
                .containsExactly("flip 0/2 OPEN", "flip 0/0 SHUT", "flip 0/1 SHUT", "prepare 2", "commit 2");
    }

    @Test
    void sorryServerStandsLastAndIsShownAsSuch() {
        Rig rig = new Rig();
        rig.apply(Configs.of(service(1).with(checked(server(1), 1)).sorry(SORRY).build()));
        assertThat(rig.plane.service(key(1)).servers().getLast().endpoint()).isEqualTo(SORRY);
        assertThat(rig.server(key(1), SORRY).sorry()).isTrue();
        assertThat(rig.server(key(1), SORRY).weight()).isZero();
        rig.finds(server(1), Rig.BAD);
        rig.run(Duration.ofSeconds(1));
        assertThat(rig.server(key(1), SORRY).weight()).isEqualTo(1);
    }

    @Test
    void withoutSorryServerTheRestStaysInServiceWhenQuorumIsLost() {
        Rig rig = new Rig();
        rig.apply(Configs.of(service(1)
                .with(checked(server(1), 1), checked(server(2), 1))
                .quorum(2, 0)
                .build()));
        rig.finds(server(1), Rig.BAD);
        rig.run(Duration.ofSeconds(1));
        assertThat(rig.service(key(1)).state()).isEqualTo("down");
        assertThat(rig.plane.usability(key(1), server(2))).isEqualTo(Usability.OPEN);
    }
}
