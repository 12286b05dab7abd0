package io.evenkeel.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.cli.Evenkeel;
import io.evenkeel.cli.Ran;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Lab;
import io.evenkeel.lab.Link;
import io.evenkeel.lab.Node;
import io.evenkeel.linux.BpfSource;
import io.evenkeel.linux.NamespaceThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A director between a client and a realserver, with which nothing is wrong, and a doctor to ask.
 *
 * <pre>
 *   cl ------------- d1 ------------- b1
 *   198.18.0.1       198.18.0.254     198.18.1.11
 *                    198.18.0.200 VIP
 *                    198.18.1.254
 * </pre>
 */
abstract class DoctorLab {
    /** One a CPU, as it should be. */
    private static final String QUEUES = Integer.toString(Runtime.getRuntime().availableProcessors());

    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path directory;

    private Lab lab;
    Node client;
    Node director;
    Node server;
    Path file;

    @BeforeEach
    void open() throws IOException {
        lab = Lab.open();
        client = lab.node("cl");
        director = lab.node("d1");
        server = lab.node("b1");
        Link outside = lab.link(client, director).readyForXdp();
        Link inside = lab.link(director, server).readyForXdp();
        for (Link link : List.of(outside, inside)) {
            for (String queues : List.of("rx", "tx")) {
                link.left().run("ethtool", "-L", link.leftDevice(), queues, QUEUES);
                link.right().run("ethtool", "-L", link.rightDevice(), queues, QUEUES);
            }
        }
        client.address("d1", "198.18.0.1/24").defaultRoute("198.18.0.254");
        director.address("cl", "198.18.0.254/24").address("cl", "198.18.0.200/24");
        director.address("b1", "198.18.1.254/24").sysctl("net.ipv4.ip_forward", "1");
        server.address("d1", "198.18.1.11/24").defaultRoute("198.18.1.254");
        director.sysctl("net.ipv4.conf.all.rp_filter", "0").sysctl("net.ipv4.conf.cl.rp_filter", "0");
        file = directory.resolve("lb.conf");
        service("NAT", "198.18.1.11");
    }

    @AfterEach
    void close() {
        if (lab != null) lab.close();
    }

    void service(String kind, String server) throws IOException {
        Files.writeString(file, MadeUp.service(kind, server + " 514"));
    }

    void v6() throws IOException {
        director.address("cl", "2001:db8::fe/64").address("cl", "2001:db8::200/64");
        director.address("b1", "2001:db8:0:1::fe/64");
        Files.writeString(file, MadeUp.service("2001:db8::200 514", "NAT", "2001:db8:0:1::11 514", ""));
    }

    void foreignXdp(String mode) throws IOException {
        Capability.require(Capability.CLANG);
        director.ip("link", "set", "dev", "cl", mode, "obj", probe(), "program", "foreign_pass");
    }

    void foreignFilter() throws IOException {
        Capability.require(Capability.CLANG);
        director.run("tc", "qdisc", "add", "dev", "b1", "clsact");
        director.run(
                "tc", "filter", "add", "dev", "b1", "ingress", "pref", "7", "bpf", "da", "obj", probe(), "sec", "tc");
    }

    private String probe() throws IOException {
        return Files.write(directory.resolve("probe.o"), BpfSource.compile("probe.bpf.c", directory))
                .toString();
    }

    /** Runs the remedies of a finding here, as a person would. */
    void mend(JsonNode finding) {
        assertThat(finding.path("remedies")).isNotEmpty();
        for (JsonNode remedy : finding.path("remedies")) {
            String command = remedy.path("command").asString().replace("GATEWAY", "198.18.1.11");
            director.run("sh", "-c", command);
        }
    }

    List<JsonNode> found(Hazard hazard) {
        return found("kernel", hazard);
    }

    List<JsonNode> found(String plane, Hazard hazard) {
        return examine(plane)
                .path("findings")
                .valueStream()
                .filter(f -> f.path("hazard").asString().equals(hazard.word()))
                .toList();
    }

    JsonNode examine() {
        return examine("kernel");
    }

    JsonNode examine(String plane) {
        try {
            Ran ran = NamespaceThread.call(
                    director, () -> Evenkeel.here("doctor", "--json", "--plane", plane, file.toString()));
            assertThat(ran.err()).isEmpty();
            return JSON.readTree(ran.out());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
