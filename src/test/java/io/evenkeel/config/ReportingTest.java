package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Diagnostic.Severity;
import org.junit.jupiter.api.Test;

/** How problems are put together: one message per place, where it is written, in the order of the text, bounded. */
class ReportingTest {

    @Test
    void aProblemWithinADefinitionIsShownWhereItIsWritten() {
        String text = "$SERVERS=\\\nreal_server 192.0.2.3 53 { \\\n wieght 5 \\\n}\n" + Sample.service("$SERVERS")
                + Sample.service("$SERVERS").replace("2.1 53", "2.1 54");
        Loaded loaded = Reading.load(text);
        assertThat(Reading.briefs(loaded)).containsExactly("3:2 ERROR unknown keyword 'wieght', used at t.conf:9:1");
        assertThat(loaded.configuration().services()).hasSize(2);
    }

    @Test
    void aProblemThatASequenceRepeatsIsSaidOnce() {
        Loaded loaded = Reading.load(Sample.service("~SEQ(n,1,50) real_server 192.0.3.$n 53 { wieght 5 }"));
        assertThat(Reading.briefs(loaded)).containsExactly("5:42 ERROR unknown keyword 'wieght'");
        assertThat(Sample.only(loaded).realServers()).hasSize(52);
    }

    @Test
    void twoProblemsOfOnePlaceAreBothSaidUnlessOneFollowsFromTheOther() {
        Loaded both = Reading.load("virtual_server 192.0.2.1 {\nprotocol UDP\nlb_algo rr\nlb_kind NAT\n}");
        assertThat(Reading.briefs(both))
                .containsExactly(
                        "1:1 ERROR a service without a port needs persistence; persistence_timeout 360 is used",
                        "1:1 ERROR this service has no real_server: it is left out");
        Loaded consequence = Reading.load(Sample.service("quorum ${Q}"));
        assertThat(Reading.briefs(consequence)).containsExactly("5:8 ERROR ${Q} is not defined");
    }

    @Test
    void problemsAreBoundedAndTheRestIsCounted() {
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < 1_500; i++) body.append("nonsense").append(i).append('\n');
        Loaded loaded = Reading.load(Sample.service(body.toString()));
        assertThat(loaded.diagnostics()).hasSize(Problems.MAX_DIAGNOSTICS + 1);
        assertThat(loaded.diagnostics().getLast().message()).isEqualTo("500 more problems are not shown");
        assertThat(loaded.diagnostics().getLast().severity()).isEqualTo(Severity.ERROR);
    }

    @Test
    void problemsComeInTheOrderOfTheText() {
        Loaded loaded = Reading.load("x {\n" + Sample.service("quorum 9\nwieght 3") + "\n}\n}\nvirtual_server y {\n");
        assertThat(loaded.diagnostics())
                .extracting(d -> d.position().orElseThrow().line())
                .isSorted();
    }
}
