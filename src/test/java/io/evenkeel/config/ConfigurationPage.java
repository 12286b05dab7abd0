package io.evenkeel.config;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes {@code docs/configuration.md} from the keywords. */
final class ConfigurationPage {

    private static final String HEAD = """
            # Configuration

            <!-- Made by KeywordTest from the enums of io.evenkeel.config; change those, not this page. -->

            `keepalived.conf` is the language: the file you have is the file Evenkeel reads. `evenkeel check FILE` explains
            every problem of it in one run. This page lists every keyword, block by block, and what becomes of it:

            | state | means | `check` says |
            |---|---|---|
            | built | it works as with keepalived | |
            | built, extension | ours; keepalived does not know it | |
            | no effect | nothing is missing without it | a notice |
            | not built yet | something written is not done; what is forwarded is the same | a warning |
            | not built yet, changes what is forwarded | the service would not be what the file says | an error |

            An unknown keyword is an error too. `check` ends with 2 on an error; a reload with an error changes nothing; `run`
            says it loudly and goes on with what it understood, since a typing error must not keep a machine from booting.

            ## Text

            * One statement a line; `{` and `}` outside quotes stand alone, so a block may be written on one line.
            * `#` and `!` outside double quotes begin a comment, even within a word; `\\#` and `\\!` are the characters.
            * Double quotes group words. Commands (`misc_path`) also know single quotes and the escapes of C; no shell is run.
            * `include PATTERN` reads the files that match, relative to the including file. A plain name must exist.
            * `$NAME=VALUE` defines, `$NAME` or `${NAME}` uses; a value is looked up when it is used. A value whose line ends
              with `\\` goes on with the next line. `$_PWD`, `$_INSTANCE`, `$_HASH`, `$_BANG` and `${_ENV NAME}` are there.
            * `@ID text` counts only on the machine whose short host name is ID, `@^ID text` only on all others.
            * `~SEQ(NAME, START, STEP, END) text` and `~LST(NAME, VALUE, …) text` repeat the rest of their line.
            * Times are seconds with up to six decimals, 31 days at most. Switches are on, off, true, false, yes, no.
            * What a check does not say, its real_server says; what that does not say, the virtual_server says.

            ## One-packet scheduling as it is switched on today

            `quorum_up "ipvsadm -E -u VIP:PORT --ops -s rr"` is understood and in force from the first datagram. As with
            ipvsadm, the command replaces all of: scheduler, flags, persistence, one-packet scheduling. `ops` in the
            virtual_server says the same in three letters.
            """;

    private ConfigurationPage() {}

    static String text() {
        Map<Scope, List<Keyword>> byScope = new EnumMap<>(Scope.class);
        for (Keyword keyword : Keyword.all()) {
            for (Scope scope : keyword.scopes()) {
                byScope.computeIfAbsent(scope, s -> new ArrayList<>()).add(keyword);
            }
        }
        StringBuilder page = new StringBuilder(HEAD);
        byScope.forEach((scope, keywords) -> {
            String title = scope == Scope.ROOT ? "The top level" : "`" + scope.title() + "`";
            page.append("\n## ").append(title).append("\n\n| keyword | state | what it says |\n|---|---|---|\n");
            page.append(keywords.stream().map(ConfigurationPage::row).collect(Collectors.joining()));
        });
        return page.toString();
    }

    private static String row(Keyword keyword) {
        String block = keyword.opens().isPresent() ? " { }" : "";
        return "| `" + keyword.word() + block + "` | " + keyword.support().words() + " | " + keyword.sentence()
                + " |\n";
    }
}
