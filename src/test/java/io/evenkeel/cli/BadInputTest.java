package io.evenkeel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A table: input, exit code, exact first line on stderr. In it {@code %s} is the file of the row. No row ever shows a
 * stack trace. {@link BadInputWhileRunningTest} holds what happens to a director that serves already.
 */
class BadInputTest {

    /** Drops a capability that root would have; a user who is not root does not have it anyway. */
    private static final String SETPRIV = "/usr/bin/setpriv";

    @TempDir
    Path temp;

    /** @param content of the file; null for none */
    record Row(String name, @Nullable String content, int exit, String firstLine) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Row> files() {
        return Stream.of(
                new Row("missing file", null, 3, "evenkeel: cannot read '%s': no such file"),
                new Row("empty file", "", 2, "evenkeel: %s: not usable: it has no virtual service"),
                new Row("unknown keyword", service("lb_aglo rr"), 2, "%s:2:1: error: unknown keyword 'lb_aglo'"),
                new Row(
                        "empty service",
                        "virtual_server 127.0.0.1 5353 {\nprotocol UDP\nlb_algo rr\nlb_kind NAT\n}\n",
                        2,
                        "%s:1:1: error: this service has no real_server: it is left out"),
                new Row(
                        "NUL byte",
                        service("") + "\0",
                        2,
                        "%s:10:1: error: a NUL byte: this is not a text file from here on"),
                new Row(
                        "bytes that are not UTF-8",
                        service("lb_algo \u00ff"),
                        2,
                        "%s:2:9: error: the byte 0xff is not UTF-8"),
                new Row(
                        "unterminated quote",
                        service("virtualhost \"www"),
                        2,
                        "%s:2:13: error: a quote is opened here and not closed on this line"),
                new Row(
                        "unterminated block",
                        service("").replace("}\n}\n", "}\n"),
                        2,
                        "%s:1:31: error: the block of 'virtual_server' that opens here is not closed"),
                new Row("include loop", "include %s\n", 2, "%s:1:1: error: '%s' includes itself"),
                new Row(
                        "1 MB line",
                        service("x".repeat(1_000_000)),
                        2,
                        "%s:2:1: error: this line is 1000000 characters long; at most 65536 are read"),
                new Row(
                        "no address",
                        "virtual_server 127.0.0 5353 {\n}\n",
                        2,
                        "%s:1:16: error: '127.0.0' is not an IP address"),
                new Row(
                        "terminal escape",
                        service("\u001b[31mred"),
                        2,
                        "%s:2:1: error: unknown keyword '\u241b[31mred'"));
    }

    /** A service that is right but for {@code line}, which is the second of the file. */
    private static String service(String line) {
        return "virtual_server 127.0.0.1 5353 {\n" + line + "\n"
                + "protocol UDP\nlb_algo rr\nlb_kind NAT\nclient_address director\nreal_server 127.0.0.2 5353 {\n}\n}\n";
    }

    @ParameterizedTest
    @MethodSource("files")
    void checkSaysWhatIsWrongAndWhere(Row row) throws IOException {
        Path file = temp.resolve("bad.conf");
        if (row.content() != null) write(row.content().replace("%s", file.toString()));
        Ran ran = Evenkeel.here("check", file.toString());
        assertThat(firstLine(ran)).isEqualTo(row.firstLine().replace("%s", file.toString()));
        ran.exits(row.exit());
        assertNoStackTrace(ran);
    }

    static Stream<List<String>> commandLines() {
        return Stream.of(
                List.of("evenkeel: no command given"),
                List.of("evenkeel: there is no command 'fly'", "fly"),
                List.of("evenkeel: there is no command 'stats'; did you mean 'status'?", "stats"),
                List.of("evenkeel: unknown option: '--jsno'; did you mean '--json'?", "status", "--jsno"),
                List.of("evenkeel: missing required parameter: 'FILE'", "check"),
                List.of("evenkeel: unmatched argument at index 2: 'b'", "check", "a", "b"),
                List.of(
                        "evenkeel: invalid value for option '--plane': 'fast' is none of auto, kernel, socket",
                        "run",
                        "--plane",
                        "fast",
                        "x"),
                List.of(
                        "evenkeel: '192.0.2.1:53' is not VIP:PORT/udp or VIP:PORT/tcp",
                        "drain",
                        "192.0.2.1:53",
                        "10.0.0.1:53"),
                List.of("evenkeel: '10.0.0.1' is not REALSERVER:PORT", "ready", "192.0.2.1:53/udp", "10.0.0.1"),
                List.of("evenkeel: missing required parameter: 'DESTINATION:PORT'", "explain", "udp", "192.0.2.7:4000"),
                List.of(
                        "evenkeel: invalid value for positional parameter at index 0 (udp|tcp): 'sctp' is neither udp nor"
                                + " tcp",
                        "explain",
                        "sctp",
                        "192.0.2.7:4000",
                        "192.0.2.1:53"),
                List.of(
                        "evenkeel: '192.0.2.7' is not ADDRESS:PORT, e.g. 192.0.2.1:53 or [2001:db8::1]:53",
                        "explain",
                        "udp",
                        "192.0.2.7",
                        "192.0.2.1:53"),
                List.of(
                        "evenkeel: '2001:db8::1:53' is not ADDRESS:PORT, e.g. 192.0.2.1:53 or [2001:db8::1]:53",
                        "explain",
                        "tcp",
                        "[2001:db8::7]:4000",
                        "2001:db8::1:53"),
                List.of(
                        "evenkeel: 192.0.2.7:0 has port 0, which no packet has",
                        "explain",
                        "udp",
                        "192.0.2.7:0",
                        "192.0.2.1:53"),
                List.of(
                        "evenkeel: 192.0.2.7:4000 and [2001:db8::1]:53 are of different address families",
                        "explain",
                        "udp",
                        "192.0.2.7:4000",
                        "[2001:db8::1]:53"),
                List.of("evenkeel: there is no command 'red\\x1b[31m'; did you mean 'ready'?", "red\u001b[31m"));
    }

    @ParameterizedTest
    @MethodSource("commandLines")
    void aWrongCommandLineIsExit64(List<String> row) {
        Ran ran =
                Evenkeel.run(row.subList(1, row.size()).toArray(String[]::new)).exits(64);
        assertThat(firstLine(ran)).isEqualTo(row.getFirst());
        assertThat(ran.err().lines()).hasSize(2).allMatch(line -> line.startsWith("evenkeel: "));
        assertThat(ran.out()).isEmpty();
    }

    @Test
    void aDirectoryIsNoFile() {
        Ran ran = Evenkeel.run("run", temp.toString()).exits(3);
        assertThat(ran.err())
                .isEqualTo("evenkeel: cannot read '" + temp + "': it is a directory (name a file within it)\n");
    }

    @Test
    @Needs(Capability.SETPRIV)
    void aFileThatMayNotBeReadIsUnreadable() throws IOException {
        Path file = write(service(""));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        Ran ran = runWithout("dac_override,-dac_read_search", "check", file.toString())
                .exits(3);
        assertThat(firstLine(ran)).startsWith("evenkeel: cannot read '" + file + "': permission denied");
        assertNoStackTrace(ran);
    }

    @Test
    void aPortThatSomebodyElseHasIsRefusedByName() throws IOException {
        try (DatagramSocket other = socket()) {
            Path file = write(config(other.getLocalPort()));
            Ran ran = run(file).exits(1);
            assertThat(ran.err())
                    .isEqualTo("evenkeel: " + file + ":1:1: bind 127.0.0.1:" + other.getLocalPort()
                            + "/udp: port in use (another program holds it: ss -lunp 'sport = :"
                            + other.getLocalPort() + "' names it)\n");
        }
    }

    @Test
    @Needs(Capability.SETPRIV)
    void aPortThatNeedsAPrivilegeIsRefusedWithARemedy() throws IOException {
        Path file = write(config(53));
        Ran ran = runWithout("net_bind_service", "run", file.toString(), "--runtime-dir", runtime())
                .exits(1);
        assertThat(firstLine(ran))
                .isEqualTo("evenkeel: " + file + ":1:1: bind 127.0.0.1:53/udp: permission denied (grant"
                        + " CAP_NET_BIND_SERVICE, lower net.ipv4.ip_unprivileged_port_start, or use a port above it)");
        assertNoStackTrace(ran);
    }

    @Test
    void oneServiceThatCannotBeHadDoesNotStopTheOthers() throws IOException {
        try (DatagramSocket other = socket()) {
            Path file = write(config(freePort()) + config(other.getLocalPort()));
            try (DirectorProcess director = DirectorProcess.serving(List.of(), file, Path.of(runtime()))) {
                assertThat(director.log().getFirst())
                        .contains("ERROR 127.0.0.1:" + other.getLocalPort() + "/udp is not served: " + file + ":");
                assertThat(director.status().get("services")).hasSize(1);
                assertThat(director.status().at("/director/alarms/0").stringValue())
                        .startsWith("127.0.0.1:" + other.getLocalPort() + "/udp is not served: ");
            }
        }
    }

    @Test
    void aTypoDoesNotStopABootButStopsAReload() throws IOException {
        Path file = write(config(freePort()).replace("lb_algo rr", "lb_algo rr\nlb_aglo rr"));
        try (DirectorProcess director = DirectorProcess.serving(List.of(), file, Path.of(runtime()))) {
            assertThat(director.log().getFirst()).contains("ERROR " + file + ":4:1: unknown keyword 'lb_aglo'");
            Ran reload = director.ask("reload").exits(2);
            assertThat(firstLine(reload)).startsWith(file + ":4:1: unknown keyword 'lb_aglo'");
            assertThat(reload.err()).endsWith("evenkeel: the configuration has errors; nothing has changed\n");
            assertThat(director.status().at("/director/lastReload").stringValue())
                    .startsWith("refused: " + file);
        }
    }

    @Test
    void aSecondDirectorInOneRuntimeDirectoryIsRefusedByThePidOfTheFirst() throws IOException {
        Path file = write(config(freePort()));
        try (DirectorProcess first = DirectorProcess.serving(List.of(), file, Path.of(runtime()))) {
            Ran second = run(file).exits(1);
            assertThat(second.err())
                    .isEqualTo("evenkeel: another director (pid " + first.pid() + ") runs in " + runtime()
                            + " (stop it, or choose another directory with --runtime-dir)\n");
            assertThat(first.status().get("services")).hasSize(1);
        }
    }

    @Test
    void aServiceThatThePlaneCannotDoIsInvalidWhenItIsTheOnlyOne() throws IOException {
        Path file = write(config(5353).replace("NAT", "DR"));
        Ran ran = run(file).exits(2);
        assertThat(ran.err()).endsWith("evenkeel: " + file + ": nothing in it can be run\n");
        assertThat(ran.err().lines().filter(line -> line.contains("cannot do lb_kind DR")))
                .as("said once")
                .hasSize(1);
        assertNoStackTrace(ran);
    }

    @Test
    void withFewDescriptorsItServesWithLessAndSaysSo() throws IOException {
        Path file = write(config(freePort()));
        try (DirectorProcess director = DirectorProcess.serving(limited(64), file, Path.of(runtime()))) {
            assertThat(director.status().get("services")).hasSize(1);
            assertThat(director.status().at("/director/alarms/0").stringValue())
                    .isEqualTo("room for 14 back ports for replies (reply_ports) where 8192 are wanted: the limit of"
                            + " open files is 64 (raise it to 9226 or more: ulimit -n, or LimitNOFILE= in the unit)");
        }
    }

    @Test
    void withTooFewDescriptorsItSaysHowManyWouldDo() throws IOException {
        List<String> command = new ArrayList<>(limited(40));
        command.addAll(Evenkeel.command("run", write(config(freePort())).toString(), "--runtime-dir", runtime()));
        Ran ran = Ran.run(command, System.getenv(), Path.of(".")).exits(1);
        assertThat(ran.err())
                .isEqualTo("evenkeel: the limit of open files is 40, and 46 are needed at least (raise it to 46 or"
                        + " more: ulimit -n, or LimitNOFILE= in the unit)\n");
    }

    /** What comes before a command that may open {@code descriptors} only, and has two cores. */
    private static List<String> limited(int descriptors) {
        String script =
                "ulimit -n " + descriptors + "; java=$1; shift; exec \"$java\" -XX:ActiveProcessorCount=2 \"$@\"";
        return List.of("/bin/sh", "-c", script, "sh");
    }

    private Ran run(Path file) {
        return Evenkeel.run("run", file.toString(), "--runtime-dir", runtime());
    }

    private String runtime() {
        return temp.resolve("run").toString();
    }

    private Ran runWithout(String capabilities, String... arguments) {
        List<String> command = new ArrayList<>();
        if (Capability.ROOT.missing().isEmpty()) {
            command.addAll(List.of(SETPRIV, "--bounding-set", "-" + capabilities, "--inh-caps", "-" + capabilities));
        }
        command.addAll(Evenkeel.command(arguments));
        return Ran.run(command, System.getenv(), Path.of("."));
    }

    /** One byte a character, so that a row can hold bytes that are no text. */
    private Path write(String content) throws IOException {
        return Files.write(temp.resolve("bad.conf"), content.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String config(int port) {
        return """
                virtual_server 127.0.0.1 %1$d {
                protocol UDP
                lb_algo rr
                lb_kind NAT
                ops
                client_address director
                real_server 127.0.0.2 %1$d {
                }
                }
                """.formatted(port);
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = socket()) {
            return socket.getLocalPort();
        }
    }

    private static DatagramSocket socket() throws IOException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static String firstLine(Ran ran) {
        return ran.err().lines().findFirst().orElse("");
    }

    private static void assertNoStackTrace(Ran ran) {
        assertThat(ran.err())
                .doesNotContain("Exception")
                .doesNotContain("\tat ")
                .doesNotContain("Error:");
        assertThat(ran.err()).doesNotContain("internal error").doesNotContain("\u001b");
    }
}
