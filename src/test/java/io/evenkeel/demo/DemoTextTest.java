package io.evenkeel.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.demo.DemoEvent.Check;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DemoTextTest {

    @Test
    void aClaimThatDidNotHoldIsShownAndDecides() {
        Check good = new Check("nothing was lost", true, "0 lost");
        Check bad = new Check("exact thirds", false, "[1, 2, 3]");
        DemoEvent.Finished finished = new DemoEvent.Finished(List.of(good, bad), 12_345);
        assertThat(finished.held()).isFalse();
        assertThat(DemoText.of(finished))
                .contains("held    nothing was lost (0 lost)")
                .contains("FAILED  exact thirds ([1, 2, 3])")
                .endsWith("NOT all of it held, in 12.3 s.");
    }

    @Test
    void aDemoWithoutClaimsHasNotHeld() {
        assertThat(new DemoEvent.Finished(List.of(), 1).held()).isFalse();
    }

    @Test
    void aLossOfNothingSaysNoWhen() {
        assertThat(DemoText.of(new DemoEvent.LossMeasured(1_000, 0, 0, 0, 7)))
                .contains("0 of 1,000 requests went unanswered;")
                .doesNotContain("after the kill");
    }

    @Test
    void whatTheDirectorSaidIsShownWhenItCannotGoOn() {
        assertThat(DemoText.of(new DemoEvent.Broken("the director did not start", List.of("bind: in use"))))
                .contains("the director did not start")
                .contains("  bind: in use");
    }

    @Test
    void theBooksAreShownAsEquations() {
        DirectorStatus status = new DirectorStatus(
                1_234, 1_230, 0, Map.of("no_realserver", 4L), 900, 899, Map.of("x", 1L), 0, List.of());
        assertThat(DemoText.of(new DemoEvent.Accounted(status)))
                .contains("received 1,234 = forwarded 1,230 + local 0 + dropped 4")
                .contains("replies received 900 = returned 899 + dropped 1");
        assertThat(status.forwardLawHolds()).isTrue();
        assertThat(status.replyLawHolds()).isTrue();
    }
}
