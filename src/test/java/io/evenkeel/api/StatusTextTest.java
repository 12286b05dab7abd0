package io.evenkeel.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What {@code status} shows a person. */
class StatusTextTest {

    private static final Instant NOW = Snapshots.START.plusSeconds(3_725);

    @Test
    void showsStateEvidenceWithItsAgeAndEveryDrop() {
        String text = StatusText.render(Snapshots.full(), NOW, 120);
        assertThat(text).isEqualTo("""
                evenkeel 0.1.0, pid 4242, up 1h2m, table 17
                socket plane: asked for by --plane
                configuration /etc/keepalived/keepalived.conf, reloads 2
                verdict to plane 0.4 ms, at worst 3.9 ms

                192.0.2.1:514/udp  rr ops  up  quorum 1 held, live weight 2
                  received 90010, forwarded 90000, dropped: no_realserver 7, receive_overflow 3
                  replies received 89990, returned 89988, dropped: reply_stranger 2
                  flows moved off failed realservers 5
                  REALSERVER    METHOD  WEIGHT  STATE     SINCE  FORWARDED  REPLIES  FLOWS
                  10.0.0.1:514  NAT          1  up         1h2m      30000    29000      3
                    connected in 0.4 ms (1h2m ago)
                  10.0.0.2:514  NAT          1  failed     1h2m      30000    29000      3
                    connection refused (1h2m ago)
                  10.0.0.3:514  NAT          1  draining   1h2m      30000    29000      3
                    %s…
                  10.0.0.4:514  NAT          0  quiesced   1h2m      30000    29000      3
                    connected in 0.4 ms (1h2m ago)
                  10.0.0.5:514  NAT          1  suspect    1h2m      30000    29000      3
                    port unreachable (1h2m ago)
                  10.0.0.6:514  NAT          1  unknown    1h2m      30000    29000      3
                    unknown

                [2001:db8::1]:443/tcp  wlc  down  quorum 2 lost, live weight 0
                  received 0, forwarded 0, dropped 0
                  REALSERVER                             METHOD  WEIGHT  STATE   SINCE  FORWARDED  REPLIES  FLOWS  EVIDENCE
                  [2001:db8::ffff:ffff:ffff:ffff]:65535  NAT          1  failed   1h2m      30000    29000      3  timed out (1h2m ago)

                total received 90010, forwarded 90000, local 0, dropped: no_realserver 7, receive_overflow 3, imbalance 0
                replies received 89990, returned 89988, dropped: reply_stranger 2
                """.formatted("x".repeat(115)));
    }

    @Test
    void keepsToTheWidth() {
        for (int width : new int[] {80, 100, 120}) {
            assertThat(StatusText.render(Snapshots.full(), NOW, width).lines())
                    .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(width));
        }
    }

    @Test
    void anAgeIsNeverNegativeAndHasTwoUnitsAtMost() {
        assertThat(StatusText.render(Snapshots.empty(), Snapshots.START.minusSeconds(60), 80))
                .contains("up 0.0s,");
        assertThat(StatusText.render(Snapshots.empty(), Snapshots.START.plusMillis(9_950), 80))
                .contains("up 9.9s,");
        assertThat(StatusText.render(Snapshots.empty(), Snapshots.START.plusSeconds(59), 80))
                .contains("up 59s,");
        assertThat(StatusText.render(Snapshots.empty(), Snapshots.START.plusSeconds(61), 80))
                .contains("up 1m1s,");
        assertThat(StatusText.render(Snapshots.empty(), Snapshots.START.plusSeconds(90_000), 80))
                .contains("up 1d1h,");
    }
}
