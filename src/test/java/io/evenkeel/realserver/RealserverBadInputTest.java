package io.evenkeel.realserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.cli.Evenkeel;
import io.evenkeel.cli.Ran;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Command;
import io.evenkeel.lab.Needs;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each mistake is one sentence with exit 64, each lack one with exit 1; nothing is ever changed. */
class RealserverBadInputTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            --check udp:1                              | --vip is missing
            --vip 192.0.2                              | --vip '192.0.2' is no address
            --vip 192.0.2.1/32                         | --vip '192.0.2.1/32' is no address
            --vip 192.0.2.1,192.0.2.1                  | the VIP 192.0.2.1 stands there twice
            --vip 127.0.0.1                            | 127.0.0.1 cannot be a VIP
            --vip 224.0.0.1                            | 224.0.0.1 cannot be a VIP
            --vip 0.0.0.0                              | 0.0.0.0 cannot be a VIP
            --vip 255.255.255.255                      | 255.255.255.255 cannot be a VIP
            --vip ::1                                  | ::1 cannot be a VIP
            --vip ff02::1                              | ff02::1 cannot be a VIP
            --vip fe80::1                              | fe80::1 cannot be a VIP
            --vip ::ffff:192.0.2.1                     | ::ffff:192.0.2.1 cannot be a VIP
            --vip 192.0.2.1 --tunnel vxlan             | --tunnel 'vxlan' is not ipip, gue or gre
            --vip 192.0.2.1 --tunnel-port 0            | there is no port 0
            --vip 192.0.2.1 --tunnel-port 65536        | there is no port 65536
            --vip 192.0.2.1 --tunnel-port x            | 'x' is not an int
            --vip 192.0.2.1 --check http:80            | --check 'http:80' is not udp:PORT or tcp:PORT
            --vip 192.0.2.1 --lease 9                  | a lease of 9 seconds
            --vip 192.0.2.1 --lease 86401              | a lease of 86401 seconds
            --vip 192.0.2.1 --interval -1              | --interval cannot be negative
            --vip 192.0.2.1 everything                 | everything
            """)
    void aMistakeIsOneSentence(String options, String sentence) {
        List<String> words = new ArrayList<>(List.of("realserver", "--print"));
        words.addAll(List.of(options.strip().split(" ")));
        Ran ran = Evenkeel.here(words.toArray(String[]::new)).exits(64);
        assertThat(ran.err().lines().toList()).hasSize(2).first().asString().contains(sentence);
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void anInterfaceThatIsNotThereIsNamed() {
        Ran ran = Evenkeel.here("realserver", "--print", "--vip", "192.0.2.1", "--interface", "nowhere0")
                .exits(1);
        assertThat(ran.err()).isEqualTo("evenkeel: there is no interface nowhere0 (see 'ip link')\n");
    }

    @Test
    void printingNeedsNoPrivilegeAndNamesTheTunnelDevices() {
        Ran ran = Evenkeel.here("realserver", "--print", "--vip", "192.0.2.1", "--tunnel", "gue", "--tunnel-port", "99")
                .exits(0);
        assertThat(ran.out())
                .contains("\nip addr add 192.0.2.1/32 dev lo scope host\n")
                .contains("\nip fou add port 99 gue\n")
                .contains("\n# to undo\n")
                .contains("\nip addr del 192.0.2.1/32 dev lo\n");
    }

    /** In a network namespace of its own, in case it does change something. */
    @Test
    @Needs({Capability.ROOT, Capability.NETNS, Capability.SETPRIV})
    void withoutPrivilegeItSaysWhatItNeedsAndLeavesEverything() {
        for (String tunnel : List.of("", "ipip")) {
            List<String> command = new ArrayList<>(
                    List.of("unshare", "--net", "setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"));
            List<String> options = new ArrayList<>(List.of(
                    "realserver",
                    "--vip",
                    "192.0.2.1",
                    "--state-dir",
                    directory.resolve("state").toString()));
            if (!tunnel.isEmpty()) options.addAll(List.of("--tunnel", tunnel));
            command.addAll(Evenkeel.command(options.toArray(String[]::new)));
            Command.Outcome outcome = Command.attempt(command);
            assertThat(outcome.exit()).isEqualTo(1);
            assertThat(outcome.errors()).contains("CAP_").doesNotContain("Exception");
            assertThat(directory.resolve("state").toFile().list()).allMatch(name -> name.endsWith(".lock"));
        }
    }
}
