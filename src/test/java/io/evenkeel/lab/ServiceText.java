package io.evenkeel.lab;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Writes a {@code virtual_server} block the way a person would. */
public final class ServiceText {
    /** The reference probe of the scenarios: every 200 ms, 200 ms to answer, two failures, two successes. */
    private static final String REFERENCE_PROBE = """
            TCP_CHECK {
                connect_timeout 0.2
                delay_loop 0.2
                warmup 0
                retry 0
                fall 2
                rise 2
            }""";

    private record Server(InetSocketAddress at, int weight, String check) {}

    private final InetSocketAddress vip;
    private final String protocol;
    private final List<String> lines = new ArrayList<>();
    private final List<String> serverLines = new ArrayList<>();
    private final List<Server> servers = new ArrayList<>();
    private String scheduler = "rr";
    private String method = "NAT";
    private String check = REFERENCE_PROBE;
    private List<Integer> weights = List.of();

    private ServiceText(InetSocketAddress vip, String protocol) {
        this.vip = vip;
        this.protocol = protocol;
    }

    /** A UDP service; realservers may see the director's address. */
    public static ServiceText udp(InetSocketAddress vip) {
        return new ServiceText(vip, "UDP");
    }

    /** A TCP service; realservers may see the director's address. */
    public static ServiceText tcp(InetSocketAddress vip) {
        return new ServiceText(vip, "TCP");
    }

    public ServiceText scheduler(String word) {
        scheduler = word;
        return this;
    }

    /** Another forwarding method than NAT. */
    public ServiceText method(String word) {
        method = word;
        return this;
    }

    /** One-packet scheduling without replies. */
    public ServiceText oneWay() {
        return line("ops").line("responses 0");
    }

    /** One-packet scheduling with so many replies to each datagram. */
    public ServiceText answered(int replies) {
        return line("ops").line("responses " + replies);
    }

    /** Any other line of the service's block. */
    public ServiceText line(String line) {
        lines.add(line);
        return this;
    }

    /** A line of every realserver's block. */
    public ServiceText serverLine(String line) {
        serverLines.add(line);
        return this;
    }

    /** Weights by realserver, in order; 1 where none is given. */
    public ServiceText weights(Integer... byServer) {
        weights = List.of(byServer);
        return this;
    }

    /** Another checker for all realservers; empty for none. */
    public ServiceText check(String block) {
        check = block;
        return this;
    }

    public ServiceText realServer(InetSocketAddress at) {
        servers.add(new Server(at, 1, ""));
        return this;
    }

    public ServiceText sorryServer(InetSocketAddress at) {
        return line("sorry_server " + words(at));
    }

    @Override
    public String toString() {
        boolean keeps =
                lines.stream().anyMatch(line -> line.startsWith("client_address") || line.equals("transparent"));
        StringBuilder text = new StringBuilder("virtual_server " + words(vip) + " {\n");
        text.append("    protocol ").append(protocol).append('\n');
        text.append("    lb_algo ").append(scheduler).append('\n');
        text.append("    lb_kind ").append(method).append('\n');
        if (!keeps && method.equals("NAT")) text.append("    client_address director\n");
        for (String line : lines) text.append("    ").append(line).append('\n');
        for (int i = 0; i < servers.size(); i++) {
            int weight = i < weights.size() ? weights.get(i) : 1;
            text.append("    real_server ").append(words(servers.get(i).at)).append(" {\n");
            text.append("        weight ").append(weight).append('\n');
            for (String line : serverLines) text.append("        ").append(line).append('\n');
            text.append(check.indent(8)).append("    }\n");
        }
        return text.append("}\n").toString();
    }

    static String words(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + " " + address.getPort();
    }
}
