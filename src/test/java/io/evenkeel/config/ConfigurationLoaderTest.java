package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.Check;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Diagnostic.Severity;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Position;
import io.evenkeel.model.Scheduling;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.VirtualService;
import io.evenkeel.model.VirtualService.ClientAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationLoaderTest {

    private static final String SYSLOG = """
            virtual_server 192.0.2.10 514 {
                protocol UDP
                lb_algo rr
                lb_kind NAT
                ops                          # every datagram is scheduled by itself
                responses 0                  # one-way: no state per client
                client_address director      # the socket plane sends from its own address
                delay_loop 2
                real_server 192.0.2.21 514 { TCP_CHECK { connect_port 6514 } }
                real_server 192.0.2.22 514 { TCP_CHECK { connect_port 6514 } }
            }
            """;

    @TempDir
    Path directory;

    @Test
    void aSyslogBalancerInTenLinesLoadsWithoutAWord() throws IOException {
        Path file = Files.writeString(directory.resolve("syslog.conf"), SYSLOG);
        Loaded loaded = ConfigurationLoader.load(file);

        assertThat(loaded.diagnostics()).isEmpty();
        assertThat(loaded.unreadable()).isFalse();
        VirtualService service = loaded.configuration().services().getFirst();
        assertThat(service.key()).hasToString("192.0.2.10:514/udp");
        assertThat(service.scheduling()).isEqualTo(new Scheduling.RoundRobin());
        assertThat(service.onePacket()).isTrue();
        assertThat(service.responses()).isEqualTo(OptionalInt.of(0));
        assertThat(service.clientAddress()).isEqualTo(ClientAddress.DIRECTOR);
        assertThat(service.udpTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(service.realServers())
                .extracting(s -> s.endpoint().toString())
                .containsExactly("192.0.2.21:514", "192.0.2.22:514");
        Check check = service.realServers().getFirst().checks().getFirst();
        assertThat(check).isInstanceOfSatisfying(Check.Tcp.class, tcp -> {
            assertThat(tcp.target().endpoint()).isEqualTo(Endpoint.of("192.0.2.21:6514"));
            assertThat(tcp.timing().delayLoop()).isEqualTo(Duration.ofSeconds(2));
        });
    }

    @Test
    void originsNameServiceKeywordAndRealserver() {
        Loaded loaded = Reading.load(SYSLOG);
        ServiceKey key = ServiceKey.parse("192.0.2.10:514/udp").orElseThrow();
        assertThat(place(loaded, key, "")).isEqualTo(new Position("t.conf", 1, 1));
        assertThat(place(loaded, key, "lb_kind")).isEqualTo(new Position("t.conf", 4, 5));
        assertThat(place(loaded, key, "192.0.2.22:514")).isEqualTo(new Position("t.conf", 10, 5));
        assertThat(place(loaded, key, "quorum")).isEqualTo(new Position("t.conf", 1, 1));
    }

    @Test
    void whatIsFoundAfterReadingIsShownInTheOrderOfTheTextWithItsLine() {
        Loaded loaded = Reading.load(SYSLOG);
        ServiceKey key = ServiceKey.parse("192.0.2.10:514/udp").orElseThrow();
        var late = Diagnostic.at(Severity.ERROR, loaded.origins().of(key, "192.0.2.22:514"), "late", "");
        var early = Diagnostic.at(Severity.ERROR, loaded.origins().of(key, "lb_kind"), "early", "");
        var whole = Diagnostic.at(Severity.ERROR, Optional.empty(), "whole", "");
        assertThat(loaded.with(List.of(whole, late, early)))
                .extracting(Diagnostic::message)
                .containsSubsequence("early", "late", "whole");
        assertThat(DiagnosticPrinter.print(early)).contains("4 |     lb_kind NAT", "  |     ^~~~~~~\n");
    }

    private static Position place(Loaded loaded, ServiceKey key, String keyword) {
        return loaded.origins().of(key, keyword).orElseThrow().position();
    }

    @Test
    void movingALineChangesNothingButItsOrigins() {
        Loaded before = Reading.load(SYSLOG);
        Loaded after = Reading.load("# one more comment\n" + SYSLOG);
        assertThat(after.configuration()).isEqualTo(before.configuration());
        assertThat(after.origins()).isNotEqualTo(before.origins());
    }

    @Test
    void aRootThatCannotBeReadIsUnreadableAndSaysWhy() throws IOException {
        Path missing = directory.resolve("missing.conf");
        Path folder = Files.createDirectory(directory.resolve("conf.d"));
        for (Path file : List.of(missing, folder)) {
            Loaded loaded = ConfigurationLoader.load(file);
            assertThat(loaded.unreadable()).isTrue();
            assertThat(loaded.fatal()).isTrue();
            assertThat(loaded.configuration().services()).isEmpty();
            assertThat(loaded.diagnostics()).singleElement().satisfies(d -> {
                assertThat(d.position()).isEqualTo(Optional.empty());
                String why = file.equals(missing) ? "no such file" : "it is a directory";
                assertThat(d.message()).isEqualTo("cannot read '" + file + "': " + why);
            });
        }
    }

    @Test
    void anEmptyFileIsReadableAndFatal() {
        Loaded loaded = Reading.load("");
        assertThat(loaded.diagnostics()).isEmpty();
        assertThat(loaded.unreadable()).isFalse();
        assertThat(loaded.fatal()).isTrue();
    }
}
