package io.evenkeel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the command does with its file, and the shape of what it prints; what it finds is proved in the doctor's room. */
class DoctorCommandTest {
    private static final String GOOD = """
            virtual_server 127.0.0.1 5514 {
                protocol UDP
                lb_algo rr
                lb_kind NAT
                client_address director
                real_server 127.0.0.1 5514 {
                }
            }
            """;

    @TempDir
    Path directory;

    private String file(String text) throws IOException {
        return Files.writeString(directory.resolve("lb.conf"), text).toString();
    }

    @Test
    void aFileThatIsOfNoUseEndsAsRunDoes() throws IOException {
        Evenkeel.here("doctor", directory.resolve("none").toString()).exits(3);
        Ran empty = Evenkeel.here("doctor", file("")).exits(2);
        assertThat(empty.err()).endsWith("lb.conf: nothing in it can be run\n");
        assertThat(empty.out()).isEmpty();
        Evenkeel.here("doctor", "--plane", "fastest").exits(64);
    }

    @Test
    void ofAFileWithErrorsWhatWasUnderstoodIsExamined() throws IOException {
        Ran ran = Evenkeel.here("doctor", "--plane", "socket", file("no_such_thing\n" + GOOD))
                .exits(1);
        assertThat(ran.err()).contains("lb.conf: 1 error, see 'evenkeel check").hasLineCount(1);
        assertThat(ran.out())
                .contains("service 127.0.0.1:5514/udp\n  hazard  realserver 127.0.0.1:5514 is this service itself");
    }

    @Test
    void asDataItSaysTheSame() throws IOException {
        Ran ran = Evenkeel.here("doctor", "--plane", "socket", "--json", file(GOOD))
                .exits(1);
        JsonNode document = JsonMapper.builder().build().readTree(ran.out());
        assertThat(document.path("schema").asInt()).isOne();
        assertThat(document.path("worst").asString()).isEqualTo("hazard");
        JsonNode service =
                document.path("examined").get(document.path("examined").size() - 1);
        assertThat(service.toString())
                .isEqualTo("{\"kind\":\"service\",\"name\":\"127.0.0.1:5514/udp\",\"worst\":\"hazard\"}");
        JsonNode found = document.path("findings").get(document.path("findings").size() - 1);
        assertThat(found.path("hazard").asString()).isEqualTo("server-is-service");
        assertThat(found.path("planes").toString()).isEqualTo("[\"kernel\",\"socket\"]");
        assertThat(found.path("why").asString()).isNotBlank();
        assertThat(found.path("remedies").isArray()).isTrue();
        assertThat(document.path("unread").isArray()).isTrue();
    }

    @Test
    void nothingOfTheKernelPlaneIsSaidWhereOnlyTheSocketPlaneIsAsked() throws IOException {
        assertThat(Evenkeel.here("doctor", "--plane", "socket", file(GOOD)).out())
                .doesNotContain("kernel plane");
    }
}
