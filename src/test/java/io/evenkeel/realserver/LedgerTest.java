package io.evenkeel.realserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.IpAddress;
import io.evenkeel.realserver.Change.FilterAdded;
import io.evenkeel.realserver.Change.SysctlSet;
import io.evenkeel.realserver.Change.VipAdded;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is noted is read again as it was, and nothing else is believed. */
class LedgerTest {
    private static final String TITLE = "evenkeel realserver 1\n";
    private static final Ledger LEDGER = new Ledger(List.of(
            new SysctlSet("net/ipv4/conf/all/arp_ignore", "0", "1"),
            new SysctlSet("net/ipv4/conf/eth0.100/rp_filter", "-1", "2"),
            new VipAdded(IpAddress.of("192.0.2.1")),
            new VipAdded(IpAddress.of("2001:db8::1")),
            new FilterAdded("eth0")));

    @TempDir
    Path directory;

    @Test
    void itsTextIsReadAgain() {
        assertThat(Ledger.parse(LEDGER.text())).contains(LEDGER);
        assertThat(Ledger.parse(Ledger.EMPTY.text())).contains(Ledger.EMPTY);
        assertThat(LEDGER.text())
                .startsWith(TITLE + "sysctl net/ipv4/conf/all/arp_ignore 0 1\n")
                .endsWith("vip 2001:db8::1\nfilter eth0\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sysctl net/ipv4/conf/all/arp_ignore 0",
                "sysctl net/ipv4/conf/all/arp_ignore 0 1 2",
                "sysctl net/ipv4/conf/all/arp_ignore 0 x",
                "sysctl net/ipv4/conf/all/forwarding 0 1",
                "sysctl net/ipv4/conf/../arp_ignore 0 1",
                "sysctl net/ipv4/conf/./arp_ignore 0 1",
                "sysctl net/ipv4/conf/../../x/arp_ignore 0 1",
                "sysctl /etc/arp_ignore 0 1",
                "sysctl kernel/panic 0 1",
                "vip 192.0.2",
                "vip 192.0.2.1 eth0",
                "filter",
                "",
                "something else"
            })
    void aLineThatIsNoneOfOursSpoilsTheWhole(String line) {
        assertThat(Ledger.parse(LEDGER.text() + line + "\n")).isEmpty();
    }

    @Test
    void anotherTitleIsNoLedger() {
        assertThat(Ledger.parse("")).isEmpty();
        assertThat(Ledger.parse("evenkeel realserver 2\n")).isEmpty();
    }

    @Test
    void theFileKeepsItForThisBootAlone() {
        try (LedgerFile file = open(directory.resolve("s"), 7, "boot-a")) {
            assertThat(file.load()).contains(Ledger.EMPTY);
            assertThat(file.store(LEDGER)).isEmpty();
        }
        try (LedgerFile file = open(directory.resolve("s"), 7, "boot-a")) {
            assertThat(file.load()).contains(LEDGER);
        }
        try (LedgerFile file = open(directory.resolve("s"), 8, "boot-a")) {
            assertThat(file.load()).as("another namespace's").contains(Ledger.EMPTY);
        }
        try (LedgerFile file = open(directory.resolve("s"), 7, "boot-b")) {
            assertThat(file.load()).as("another boot's").contains(Ledger.EMPTY);
            assertThat(file.store(LEDGER)).isEmpty();
            assertThat(file.store(Ledger.EMPTY)).isEmpty();
            assertThat(Files.exists(file.path())).isFalse();
        }
    }

    @Test
    void aSpoiltFileIsNotBelieved() throws IOException {
        try (LedgerFile file = open(directory.resolve("s"), 7, "boot-a")) {
            Files.writeString(file.path(), "boot-a\n" + TITLE + "vip 1\n");
            assertThat(file.load()).isEmpty();
            Files.writeString(file.path(), "boot-a");
            assertThat(file.load()).isEmpty();
            Files.write(file.path(), new byte[] {(byte) 0xff, (byte) 0xfe, '\n'});
            assertThat(file.load()).isEmpty();
            Files.write(file.path(), new byte[(1 << 20) + 1]);
            assertThat(file.load()).isEmpty();
        }
    }

    @Test
    void thereIsOneAtATimeAndTheDirectoryIsPrivate() throws IOException {
        try (LedgerFile first = open(directory.resolve("s"), 7, "boot-a")) {
            assertThat(first.path().getParent()).isEqualTo(directory.resolve("s"));
            assertThat(denied(directory.resolve("s"), 7))
                    .startsWith(
                            "another one (pid " + ProcessHandle.current().pid() + ") prepares this machine already");
            open(directory.resolve("s"), 8, "boot-a").close();
        }
        open(directory.resolve("s"), 7, "boot-a").close();

        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(denied(open, 7)).isEqualTo(open + " is open to others (chmod 700 " + open + ")");
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("s"));
        assertThat(denied(link, 7)).startsWith(link + " is not a directory");
        assertThat(denied(directory.resolve("no/where"), 7)).contains("its parent does not exist");
    }

    private static LedgerFile open(Path directory, long namespace, String boot) {
        return switch (LedgerFile.open(directory, namespace, boot)) {
            case LedgerFile.Opening.Open(LedgerFile file) -> file;
            case LedgerFile.Opening.Denied denied -> throw new AssertionError(denied);
        };
    }

    private static String denied(Path directory, long namespace) {
        return switch (LedgerFile.open(directory, namespace, "boot-a")) {
            case LedgerFile.Opening.Open open -> throw new AssertionError("it opened " + open);
            case LedgerFile.Opening.Denied denied -> denied.refused().toString();
        };
    }
}
