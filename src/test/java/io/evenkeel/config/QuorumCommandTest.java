package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Diagnostic.Severity;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.VirtualService;
import io.evenkeel.model.VirtualService.Persistence;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The service is 192.0.2.1:53/udp with lb_algo rr. */
class QuorumCommandTest {

    private static final String SAYS = "this is in force from the first datagram: ";

    private static Loaded load(String command) {
        return Reading.load(Sample.service("quorum_up " + command));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"ipvsadm -E -u 192.0.2.1:53 --ops -s rr\"",
                "\"ipvsadm -E -u 192.0.2.1:53 -o -s rr\"",
                "\"/sbin/ipvsadm -E -u 192.0.2.1:53 -s rr -o\"",
                "/usr/sbin/ipvsadm -E -u 192.0.2.1:53 -s rr -o",
                "ipvsadm --edit-service --udp-service 192.0.2.1:53 --scheduler rr --ops",
                "ipvsadm --edit-service --udp-service=192.0.2.1:53 --scheduler=rr --ops",
                "\"ipvsadm -Eu 192.0.2.1:53 -os rr\"",
                "\"ipvsadm -Eou192.0.2.1:53 -srr\"",
                "\"ipvsadm -Eou=192.0.2.1:53 -s=rr\"",
                "\"ipvsadm  -E  -u '192.0.2.1:53'  -s 'rr'  -o\"",
                "ipvsadm -E -u 192.0.2.1:053 -s rr -o",
            })
    void onePacketSchedulingIsSwitchedOnInEverySpelling(String command) {
        Loaded loaded = load(command);
        VirtualService service = Sample.only(loaded);
        assertThat(service.onePacket()).isTrue();
        assertThat(service.scheduling()).isEqualTo(new Scheduling.RoundRobin());
        assertThat(service.udpTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(loaded.diagnostics()).singleElement().satisfies(d -> {
            assertThat(Reading.brief(d)).isEqualTo("5:1 NOTICE " + SAYS + "one-packet scheduling, scheduler rr");
            assertThat(d.suggestion()).contains("'ops' in the service says the same");
        });
        ServiceKey key = service.key();
        assertThat(loaded.origins()
                        .of(key, "quorum_up")
                        .orElseThrow()
                        .position()
                        .line())
                .isEqualTo(5);
    }

    @Test
    void anIpv6ServiceIsNamedInBracketsOrWithoutAPort() {
        String text = Sample.service("quorum_up \"ipvsadm -E -u [2001:db8::1]:53 -o -s rr\"")
                .replace("192.0.2.", "2001:db8::");
        assertThat(Sample.only(Reading.load(text)).onePacket()).isTrue();
        String wrong = text.replace("[2001:db8::1]:53", "2001:db8::1:53");
        assertThat(Sample.only(Reading.load(wrong)).onePacket()).isFalse();
        String noPort = text.replace("[2001:db8::1]:53", "2001:db8::1")
                .replace("2001:db8::1 53", "2001:db8::1")
                .replace("-s rr", "-s rr -p 9");
        assertThat(Sample.only(Reading.load(noPort)).onePacket()).isTrue();
    }

    @Test
    void aServiceWithoutAPortIsNamedWithoutAPort() {
        String text = Sample.service("persistence_timeout 9\nquorum_up \"ipvsadm -E -u 192.0.2.1 -o -s rr -p 9\"")
                .replace("192.0.2.1 53", "192.0.2.1");
        assertThat(Sample.only(Reading.load(text)).onePacket()).isTrue();
    }

    @Test
    void schedulerFlagsAndPersistenceAreTaken() {
        VirtualService hashed = Sample.only(load("\"ipvsadm -E -u 192.0.2.1:53 -s sh -b sh-port,sh-fallback\""));
        assertThat(hashed.scheduling()).isEqualTo(new Scheduling.SourceHash(true, true));
        assertThat(hashed.onePacket()).isFalse();
        VirtualService maglev = Sample.only(load("\"ipvsadm -E -u 192.0.2.1:53 -s mh --sched-flags flag-2\""));
        assertThat(maglev.scheduling()).isEqualTo(new Scheduling.Maglev(true, false));
        VirtualService sticky = Sample.only(load("\"ipvsadm -E -u 192.0.2.1:53 -s wrr -p -M 255.255.255.0\""));
        assertThat(sticky.persistence()).contains(new Persistence(Duration.ofMinutes(6), 24));
        assertThat(Sample.only(load("\"ipvsadm -E -u 192.0.2.1:53 -s wrr -p30\""))
                        .persistence())
                .contains(new Persistence(Duration.ofSeconds(30), 32));
        assertThat(Sample.only(load("\"ipvsadm -E -u 192.0.2.1:53 -s wrr --persistent=30 -o\""))
                        .persistence())
                .contains(new Persistence(Duration.ofSeconds(30), 32));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "ipvsadm -E -u 192.0.2.1:53 -o; without -s the scheduler becomes wlc; wlc",
                "ipvsadm -E -u 192.0.2.1:53; without -s the scheduler becomes wlc; wlc",
            })
    void anEditIsAFullReplacementAndSaysWhatIsLost(String command, String lost, String scheduler) {
        Loaded loaded = load(command);
        assertThat(Sample.only(loaded).scheduling().ipvsName()).isEqualTo(scheduler);
        assertThat(loaded.diagnostics().stream().filter(d -> d.severity() == Severity.WARNING))
                .singleElement()
                .satisfies(d -> assertThat(d.message())
                        .isEqualTo("ipvsadm -E replaces every setting of the service: " + lost
                                + "; this is in force from the first datagram"));
    }

    @Test
    void everythingThatAnEditLosesIsNamed() {
        String body = "ops\npersistence_timeout 9\nquorum_up \"ipvsadm -E -u 192.0.2.1:53\"";
        Loaded loaded = Reading.load(Sample.service(body));
        VirtualService service = Sample.only(loaded);
        assertThat(service.onePacket()).isFalse();
        assertThat(service.persistence()).isEqualTo(Optional.empty());
        assertThat(Reading.briefs(loaded))
                .containsExactly("7:1 WARNING ipvsadm -E replaces every setting of the service:"
                        + " without -s the scheduler becomes wlc, without --ops one-packet scheduling ends,"
                        + " without -p persistence ends; this is in force from the first datagram");
        String flags = Sample.service("sh-port\nquorum_up \"ipvsadm -E -u 192.0.2.1:53 -s sh\"")
                .replace("rr", "sh");
        assertThat(Reading.briefs(Reading.load(flags)))
                .containsExactly("6:1 WARNING ipvsadm -E replaces every setting of the service:"
                        + " without -b its flags are cleared; this is in force from the first datagram");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "/bin/notify up; 'quorum_up' is not built yet: this script is not run",
                "\"/bin/sh -c 'ipvsadm -E -u 192.0.2.1:53 -o'\"; 'quorum_up' is not built yet: this script is not run",
                "ipvsadm -A -u 192.0.2.1:53; 'quorum_up' is not built yet: this ipvsadm command is not run",
                "ipvsadm -e -u 192.0.2.1:53 -r x; 'quorum_up' is not built yet: this ipvsadm command is not run",
                "ipvsadm -E -f 1 -s rr; 'quorum_up' is not built yet: this ipvsadm command is not run",
                "ipvsadm -C; 'quorum_up' is not built yet: this ipvsadm command is not run",
                "ipvsadm -u 192.0.2.1:53 -E; ipvsadm would refuse this: the command -E has to come first, nothing is applied",
                "ipvsadm; ipvsadm would refuse this: it names no service, nothing is applied",
                "ipvsadm -E; ipvsadm would refuse this: it names no service, nothing is applied",
                "ipvsadm -E -u; ipvsadm would refuse this: -u lacks its value, nothing is applied",
                "ipvsadm -E -u 192.0.2.1:53 -z; ipvsadm would refuse this: unknown option -z, nothing is applied",
                "ipvsadm -E -u 192.0.2.1:53 --opps; ipvsadm would refuse this: unknown option --opps, nothing is applied",
                "ipvsadm -E -u 192.0.2.1:53 x; ipvsadm would refuse this: unexpected argument x, nothing is applied",
                "ipvsadm -E -u 192.0.2.1:53 -t 192.0.2.1:53; ipvsadm would refuse this: it names two services, nothing is applied",
                "ipvsadm -E -u 192.0.2.1:53 -s xx; ipvsadm would refuse this: scheduler 'xx' is unknown or not built yet, nothing is applied",
                "ipvsadm -E -u 192.0.2.1:53 -s rr -b sh-port; ipvsadm would refuse this: scheduler flag 'sh-port' does not fit rr, nothing is applied",
                "ipvsadm -E -u 192.0.2.1:53 -s rr -b x; ipvsadm would refuse this: scheduler flag 'x' does not fit rr, nothing is applied",
                "ipvsadm -E -u 192.0.2.1:53 -s rr -p 0; ipvsadm would refuse this: its timeout or netmask is wrong, nothing is applied",
                "ipvsadm -E -u 192.0.2.1:53 -s rr -p 9 -M 1.2.3.4; ipvsadm would refuse this: its timeout or netmask is wrong, nothing is applied",
                "ipvsadm -E -u 192.0.2.1:54 -o -s rr; this edits 192.0.2.1:54/udp, not 192.0.2.1:53/udp: it is not run",
                "ipvsadm -E -u 192.0.2.2:53 -o -s rr; this edits 192.0.2.2:53/udp, not 192.0.2.1:53/udp: it is not run",
                "ipvsadm -E -t 192.0.2.1:53 -s rr; this edits 192.0.2.1:53/tcp, not 192.0.2.1:53/udp: it is not run",
                "ipvsadm -E -u 192.0.2.1:dns -s rr; this edits 192.0.2.1:dns/udp, not 192.0.2.1:53/udp: it is not run",
                "ipvsadm -E -u vip:53 -s rr; this edits vip:53/udp, not 192.0.2.1:53/udp: it is not run",
            })
    void anythingElseIsAWarningAndChangesNothing(String command, String message) {
        Loaded loaded = load(command);
        assertThat(Reading.briefs(loaded)).containsExactly("5:1 WARNING " + message.replace(", nothing", "; nothing"));
        VirtualService service = Sample.only(loaded);
        assertThat(service).isEqualTo(Sample.only(Reading.load(Sample.service(""))));
    }

    @Test
    void onePacketSchedulingOfTcpIsRefusedAsIpvsadmDoes() {
        Loaded loaded = Reading.load(Sample.tcpService("quorum_up \"ipvsadm -E -t 192.0.2.1:53 -o -s rr\""));
        assertThat(Reading.briefs(loaded))
                .containsExactly(
                        "5:1 WARNING ipvsadm would refuse this: one-packet scheduling is for UDP; nothing is applied");
    }

    @Test
    void aPersistenceEngineIsNotBuilt() {
        Loaded loaded = load("\"ipvsadm -E -u 192.0.2.1:53 -s rr -o -p --pe sip\"");
        assertThat(Reading.briefs(loaded)).containsExactly("5:1 ERROR persistence engine 'sip' is not built yet");
        assertThat(List.of(Sample.only(loaded).onePacket())).containsExactly(true);
    }

    @Test
    void withoutACommandThereIsNothingToDo() {
        assertThat(Reading.briefs(load(""))).containsExactly("5:1 ERROR 'quorum_up' needs a value");
    }
}
