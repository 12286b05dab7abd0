package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryEntries;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.evenkeel.model.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes are read without an exception; what they mean is printed as a file that means the same, and every problem can
 * be shown. Once the text is put into a service, so that the depth of the grammar is reached from the first input.
 */
class BinderFuzzTest {

    @DictionaryEntries({
        "virtual_server 192.0.2.1 53 {",
        "real_server 192.0.2.2 53 {",
        "protocol UDP",
        "lb_algo sh",
        "lb_kind TUN type gue",
        "TCP_CHECK {",
        "HTTP_GET {",
        "url {",
        "UDP_CHECK {",
        "MISC_CHECK {",
        "misc_path ",
        "status_code 200-299",
        "payload ",
        "quorum_up ipvsadm -E -u 192.0.2.1:53 -o -s rr -p 9 -b flag-1",
        "$A=",
        "${A}",
        "~SEQ(x,1,3) ",
        "~LST({x,y},{1,2}) ",
        "@here ",
        "@^here ",
        "persistence_granularity 255.255.255.0",
        "transparent",
        "responses 0",
        "quorum 4294967295",
        "hysteresis 1",
        "delay_loop 0.000001",
        "weight 2147483647"
    })
    @MethodSource("seeds")
    @FuzzTest
    void anyTextIsReadExplainedAndPrintedStably(byte[] bytes) {
        String text = SourceFile.decode(bytes).replace("include", "incl_de"); // files of this machine are no test data
        check(text);
        check(Sample.service(text));
        check(Sample.server(text));
    }

    /** Files as people have them: the hunt begins there. */
    static Stream<byte[]> seeds() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/config/realistic"))) {
            List<byte[]> all = new ArrayList<>();
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".conf")).sorted().toList()) {
                all.add(Files.readAllBytes(file));
            }
            return all.stream();
        }
    }

    private static void check(String text) {
        Loaded loaded = Reading.load(text);
        assertThat(DiagnosticPrinter.print(loaded.diagnostics())).isNotNull();
        assertThat(loaded.diagnostics()).hasSizeLessThanOrEqualTo(Problems.MAX_DIAGNOSTICS + 1);
        Configuration configuration = loaded.configuration();
        String printed = ConfigPrinter.print(configuration);
        Loaded again = Reading.load(printed);
        assertThat(again.configuration()).as(printed).isEqualTo(configuration);
        assertThat(ConfigPrinter.print(again.configuration())).isEqualTo(printed);
    }
}
