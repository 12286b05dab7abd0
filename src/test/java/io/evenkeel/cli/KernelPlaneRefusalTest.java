package io.evenkeel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Command;
import io.evenkeel.lab.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the kernel plane cannot do is refused by name, with its place; what it needs is named too. */
class KernelPlaneRefusalTest {
    private static final String SERVED = """
            virtual_server 198.18.0.2 514 {
              protocol UDP
              lb_algo rr
              lb_kind NAT
              ops
              real_server 198.18.1.1 6514 {
              }
              real_server 198.18.1.2 6514 {
              }
            }
            """;

    @TempDir
    Path directory;

    @Test
    void whatIsBuiltIsUsable() throws IOException {
        assertThat(check(SERVED).exit()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ops            | ops\\nproxy_protocol v2             | 6: | proxy_protocol
            198.18.0.2 514 | 198.18.0.2 0                  | 1:1: | a virtual service on any address or any port
            """)
    void whatIsNotIsNamedWithItsPlace(String what, String by, String place, String named) throws IOException {
        String text = SERVED.replace(what, by.replace("\\n", "\n"));
        assertThat(text).isNotEqualTo(SERVED);
        Ran ran = check(text);
        assertThat(ran.exit()).isEqualTo(2);
        assertThat(ran.err()).contains(file() + ":" + place).contains("kernel plane cannot do this yet: " + named);
        assertThat(ran.err()).contains("= use --plane socket");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            protocol UDP  | protocol TCP
            ops           | # each for itself
            lb_algo rr    | lb_algo wlc
            lb_algo rr    | lb_algo mh
            lb_algo rr    | lb_algo rr\\npersistence_timeout 9
            real_server 198.18.1.1 6514 { | real_server 198.18.1.1 6514 {\\nuthreshold 9
            """)
    void mostThatAFileAsksForIsUsable(String what, String by) throws IOException {
        String text = SERVED.replace(what, by.replace("\\n", "\n")).replace(by.contains("TCP") ? "ops" : "#", "#");
        assertThat(text).isNotEqualTo(SERVED);
        assertThat(check(text).exit()).isZero();
    }

    @Test
    void ipv6IsUsable() throws IOException {
        assertThat(check(SERVED.replaceAll("198\\.18\\.(\\d)\\.(\\d)", "2001:db8::$1:$2"))
                        .exit())
                .isZero();
    }

    @Test
    void directRoutingAndTunnelsAreUsable() throws IOException {
        for (String method : List.of("DR", "TUN")) {
            assertThat(check(SERVED.replace("NAT", method).replace("6514", "514"))
                            .exit())
                    .isZero();
        }
    }

    @Test
    void servicesMayShareTheirRealservers() throws IOException {
        assertThat(check(SERVED + SERVED.replace("198.18.0.2 514", "198.18.0.2 515"))
                        .exit())
                .isZero();
    }

    @Test
    @Needs({Capability.ROOT, Capability.SETPRIV})
    void withoutCapabilitiesItSaysWhichItNeeds() throws IOException {
        check(SERVED);
        List<String> command = new ArrayList<>(List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"));
        command.addAll(Evenkeel.command(
                "run",
                "--plane",
                "kernel",
                "--runtime-dir",
                directory.resolve("run").toString(),
                file()));
        Command.Outcome outcome = Command.attempt(command);
        assertThat(outcome.exit()).isEqualTo(1);
        assertThat(outcome.errors()).startsWith("evenkeel: the kernel plane ").contains("CAP_BPF");
        assertThat(outcome.errors().lines()).hasSize(1);
    }

    private Ran check(String text) throws IOException {
        Files.writeString(Path.of(file()), text);
        return Evenkeel.here("check", "--plane", "kernel", file());
    }

    private String file() {
        return directory.resolve("k.conf").toString();
    }
}
