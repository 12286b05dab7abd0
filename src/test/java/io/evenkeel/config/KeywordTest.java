package io.evenkeel.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class KeywordTest {

    private static final Path LIST = Path.of("src/test/resources/config/keywords-of-keepalived.txt");
    private static final Path PAGE = Path.of("docs/configuration.md");

    @Test
    void everyKeywordOfKeepalivedIsKnownWhereItStandsAndNoOtherIs() throws IOException {
        Set<String> keepalived = Files.readAllLines(LIST).stream()
                .filter(l -> !l.isBlank() && !l.startsWith("#"))
                .flatMap(l -> {
                    String[] words = l.split(" ");
                    return Arrays.stream(words).skip(1).map(w -> words[0] + " " + w);
                })
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> known = Keyword.all().stream()
                .filter(k -> k.support() != Support.EXTENSION)
                .flatMap(k -> k.scopes().stream().map(s -> s + " " + k.word()))
                .collect(Collectors.toCollection(TreeSet::new));
        // connect_timeout, bind_if and their kin may also stand in a host of SMTP_CHECK, lb_kind in a real_server:
        // keepalived takes them, its page does not list them.
        known.removeIf(k -> k.startsWith("SMTP_HOST ") && !keepalived.contains(k));
        known.remove("REAL_SERVER lb_kind");
        assertThat(known).isEqualTo(keepalived);
    }

    @Test
    void everyExtensionIsNamedInTheIssueThatAskedForIt() {
        Set<String> extensions = Keyword.all().stream()
                .filter(k -> k.support() == Support.EXTENSION)
                .map(Keyword::word)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(extensions)
                .containsExactly(
                        "client_address",
                        "drain_timeout",
                        "failback_grace",
                        "fall",
                        "order",
                        "proxy_protocol",
                        "reply_addresses",
                        "reply_ports",
                        "responses",
                        "rise",
                        "transparent",
                        "udp_timeout");
    }

    @Test
    void everyKeywordSaysWhatItIsInOneSentence() {
        assertThat(Keyword.all())
                .allSatisfy(k -> assertThat(k.sentence())
                        .as(k.word())
                        .isNotBlank()
                        .doesNotEndWith(".")
                        .doesNotContain("|"));
    }

    @Test
    void thePageIsMadeOfTheKeywords() throws IOException {
        String page = ConfigurationPage.text();
        if (Boolean.getBoolean("regenerate")) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE))
                .as("run ./mvnw -Dtest=KeywordTest -Dregenerate=true test and look at the difference")
                .isEqualTo(page);
    }
}
