package io.evenkeel.lab;

import io.evenkeel.traffic.SameProgram;
import io.evenkeel.traffic.TrafficProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A machine of the lab: a network namespace with its own interfaces, routes and firewall. Made by {@link Lab#node}. */
public final class Node {
    private final Lab lab;
    private final String role;
    private final String namespace;

    Node(Lab lab, String role, String namespace) {
        this.lab = lab;
        this.role = role;
        this.namespace = namespace;
    }

    /** What it plays: {@code cl}, {@code d1}, {@code b2}. */
    public String role() {
        return role;
    }

    /** The name {@code ip netns} knows it by. */
    public String namespace() {
        return namespace;
    }

    /** What to put before a command so that it runs here. */
    public List<String> prefix() {
        return List.of("ip", "netns", "exec", namespace);
    }

    /**
     * The same for a command that needs the bpf filesystem: {@code ip netns exec} mounts a /sys of its own, which hides it.
     * This one is the command's own, so that what it leaves there ends with it.
     */
    public List<String> prefixWithBpf() {
        return prefix("mount -t bpf bpf /sys/fs/bpf && exec \"$@\"", "sh");
    }

    /** The same with a bpf filesystem that other commands see too. */
    public List<String> prefixWithBpf(Path filesystem) {
        return prefix("mount --bind \"$0\" /sys/fs/bpf && exec \"$@\"", filesystem.toString());
    }

    private List<String> prefix(String script, String name) {
        return List.of("nsenter", "--net=/run/netns/" + namespace, "unshare", "--mount", "sh", "-c", script, name);
    }

    /** Runs a short command here. */
    public String run(String... words) {
        List<String> command = new ArrayList<>(prefix());
        command.addAll(List.of(words));
        return Command.run(command);
    }

    /** Configures addresses, links and routes: {@code node.ip("addr", "add", …)}. */
    public void ip(String... words) {
        List<String> command = new ArrayList<>(List.of("ip", "-n", namespace));
        command.addAll(List.of(words));
        Command.run(command);
    }

    /** Adds an address to an interface; an IPv6 one is usable at once, without duplicate address detection. */
    public Node address(String device, String cidr) {
        if (cidr.indexOf(':') >= 0) ip("addr", "add", cidr, "dev", device, "nodad");
        else ip("addr", "add", cidr, "dev", device);
        return this;
    }

    public Node defaultRoute(String gateway) {
        if (gateway.indexOf(':') >= 0) ip("-6", "route", "add", "default", "via", gateway);
        else ip("route", "add", "default", "via", gateway);
        return this;
    }

    public Node sysctl(String key, String value) {
        run("sysctl", "-q", "-w", key + "=" + value);
        return this;
    }

    /** Loads nftables rules, as {@code nft -f} reads them. */
    public Node nft(String rules) {
        List<String> command = new ArrayList<>(prefix());
        command.addAll(List.of("nft", "-f", "-"));
        Command.Outcome outcome = Command.attempt(command, rules);
        if (outcome.exit() != 0) throw new IllegalStateException("nft: " + outcome.errors());
        return this;
    }

    /** Starts what lasts longer; killed with the lab if it still runs then. */
    public Process start(ProcessBuilder builder) throws IOException {
        List<String> command = new ArrayList<>(prefix());
        command.addAll(builder.command());
        Process process = builder.command(command).start();
        lab.adopt(process);
        return process;
    }

    /** Starts a traffic process here; closed with the lab. */
    public TrafficProcess traffic(SameProgram program) throws IOException {
        TrafficProcess process = TrafficProcess.start(program, prefix());
        lab.adopt(process);
        return process;
    }

    @Override
    public String toString() {
        return role + " (" + namespace + ")";
    }
}
