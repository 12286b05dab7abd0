package io.evenkeel.doctor;

import io.evenkeel.linux.Link;
import io.evenkeel.model.Protocol;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** Reads what proc(5) tells of the calling thread's network namespace. Owned by one thread. */
final class ProcFiles {
    private static final Path NET = Path.of("/proc/thread-self/net");
    private static final Path SYSCTLS = Path.of("/proc/sys/net");

    private static final List<String> GLOBAL = List.of(
            "ipv4/ip_forward", "ipv6/conf/all/forwarding", "core/rmem_max", "core/wmem_max", "core/bpf_jit_enable");

    /** Not there unless connection tracking is. */
    private static final List<String> CONNTRACK = List.of("netfilter/nf_conntrack_count", "netfilter/nf_conntrack_max");

    private static final List<String> OF_INTERFACE =
            List.of("forwarding", "rp_filter", "arp_ignore", "arp_announce", "send_redirects", "accept_local");

    private static final int VALUE_BYTES = 256;

    private final List<String> unread;

    /** @param unread takes what cannot be read */
    ProcFiles(List<String> unread) {
        this.unread = unread;
    }

    Sysctls sysctls(List<Link> links) {
        Map<String, String> values = new HashMap<>();
        for (String key : GLOBAL) put(key, values, true);
        for (String key : CONNTRACK) put(key, values, false);
        for (String key : OF_INTERFACE) put("ipv4/conf/all/" + key, values, true);
        for (Link link : links) {
            if (!link.ethernet()) continue;
            for (String key : OF_INTERFACE) put("ipv4/conf/" + link.name() + "/" + key, values, true);
            put("ipv6/conf/" + link.name() + "/accept_ra", values, false);
        }
        return new Sysctls(values);
    }

    private void put(String key, Map<String, String> values, boolean expected) {
        try {
            values.put(key, whole(SYSCTLS.resolve(key)));
        } catch (NoSuchFileException absent) {
            if (expected) unread.add("net/" + key + ": not shown in this network namespace");
        } catch (IOException refused) {
            unread.add("net/" + key + ": " + reason(refused));
        }
    }

    /** In one read: the kernel gives a value whole to the first and nothing to a second. */
    static String whole(Path sysctl) throws IOException {
        byte[] bytes = new byte[VALUE_BYTES];
        try (InputStream in = Files.newInputStream(sysctl)) {
            int length = Math.max(in.read(bytes), 0);
            return new String(bytes, 0, length, StandardCharsets.ISO_8859_1).strip();
        }
    }

    private static String reason(IOException refused) {
        return refused instanceof AccessDeniedException ? "permission denied" : String.valueOf(refused.getMessage());
    }

    List<DefaultRoute> defaultRoutes() {
        List<DefaultRoute> found = new ArrayList<>();
        parse("route", DefaultRoute::parse4, found);
        parse("ipv6_route", DefaultRoute::parse6, found);
        return found;
    }

    /** Evenkeel's own sockets are left out: a director that serves is no obstacle to itself. */
    List<BoundPort> boundPorts() {
        List<BoundPort> found = new ArrayList<>();
        for (Protocol protocol : Protocol.values()) {
            parse(protocol.lower(), line -> BoundPort.parse(protocol, line), found);
            parse(protocol.lower() + "6", line -> BoundPort.parse(protocol, line), found);
        }
        return SocketOwners.named(found);
    }

    private <T> void parse(String name, Function<String, Optional<T>> parser, List<T> into) {
        try (Stream<String> lines = Files.lines(NET.resolve(name), StandardCharsets.ISO_8859_1)) {
            lines.map(parser).flatMap(Optional::stream).forEach(into::add);
        } catch (NoSuchFileException absent) {
            // the kernel has not this family
        } catch (IOException refused) {
            unread.add("/proc/net/" + name + ": " + reason(refused));
        }
    }
}
