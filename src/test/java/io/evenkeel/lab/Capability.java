package io.evenkeel.lab;

import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.BpfTrial;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

/**
 * What a test may need of the machine. A test that needs what is absent is skipped with the reason; if the environment
 * variable EVENKEEL_REQUIRE names the capability (comma separated, lower case), it fails instead.
 */
public enum Capability {
    ROOT,
    NETNS,
    NFT,
    TCPDUMP,
    ETHTOOL,
    STRACE,
    GCC,
    SETPRIV,
    NGINX,
    IPV6,
    /** The compiler of the kernel plane, and libbpf's headers. */
    CLANG,
    /** The library the kernel plane is loaded with. */
    LIBBPF,
    BPFTOOL,
    /** A kernel that lets this process load XDP programs. */
    BPF;

    private static final String REQUIRE = "EVENKEEL_REQUIRE";

    /** Empty if it is there, else why not. */
    public Optional<String> missing() {
        return switch (this) {
            case ROOT -> unless(Command.asRoot(), "needs uid 0");
            case NETNS -> networkNamespaces();
            case NFT, TCPDUMP, ETHTOOL, STRACE, GCC, SETPRIV, NGINX, BPFTOOL ->
                unless(Command.find(word()).isPresent(), "the program is not installed");
            case IPV6 -> unless(Files.exists(Path.of("/proc/net/if_inet6")), "the kernel has no IPv6");
            case CLANG -> clang();
            case LIBBPF -> libbpf();
            case BPF -> unless(BpfTrial.load() == 0, "the kernel does not let this process load XDP programs");
        };
    }

    /** Ends the calling test, as skipped or failed, unless all of these are there. */
    public static void require(Capability... wanted) {
        List<String> reasons = new ArrayList<>();
        boolean demanded = false;
        for (Capability capability : wanted) {
            Optional<String> reason = capability.missing();
            if (reason.isEmpty()) continue;
            reasons.add(capability.word() + ": " + reason.get());
            demanded |= demanded().contains(capability.word());
        }
        if (reasons.isEmpty()) return;
        String text = String.join("; ", reasons);
        if (demanded) throw new AssertionFailedError(REQUIRE + " asks for what is missing: " + text);
        throw new TestAbortedException(text);
    }

    /** Its name in EVENKEEL_REQUIRE. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Set<String> demanded() {
        String text = System.getenv().getOrDefault(REQUIRE, "");
        return Arrays.stream(text.split(",")).map(String::strip).collect(Collectors.toSet());
    }

    private static Optional<String> unless(boolean present, String reason) {
        return present ? Optional.empty() : Optional.of(reason);
    }

    private static Optional<String> clang() {
        if (Command.find("clang").isEmpty()) return Optional.of("the program is not installed");
        return unless(Files.exists(Path.of("/usr/include/bpf/bpf_helpers.h")), "libbpf's headers are not installed");
    }

    private static Optional<String> libbpf() {
        try {
            Bpf.load(Bpf.LIBRARY);
            return Optional.empty();
        } catch (BpfException refused) {
            return Optional.of(refused.getMessage());
        }
    }

    private static Optional<String> networkNamespaces() {
        if (!Command.asRoot()) return Optional.of("network namespaces need uid 0");
        if (Command.find("ip").isEmpty()) return Optional.of("ip (iproute2) is not installed");
        Command.Outcome outcome = Command.attempt(List.of("unshare", "--net", "true"));
        return unless(outcome.exit() == 0, "unshare --net: " + outcome.errors().strip());
    }
}
