package io.evenkeel.config;

import io.evenkeel.model.Check;
import io.evenkeel.model.Configuration;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.VirtualService;
import io.evenkeel.model.VirtualService.ClientAddress;
import java.time.Duration;

/**
 * Writes a configuration as a file that loads as the very same configuration. What is as by default is left out; what a
 * real_server or a check inherits is written where it holds. Pure; any thread.
 */
public final class ConfigPrinter {

    private final BlockWriter out = new BlockWriter();

    private ConfigPrinter() {}

    public static String print(Configuration configuration) {
        ConfigPrinter printer = new ConfigPrinter();
        printer.globals(configuration);
        configuration.services().forEach(printer::service);
        return printer.out.text();
    }

    private void globals(Configuration configuration) {
        boolean ports = configuration.replyPorts() != Configuration.DEFAULT_REPLY_PORTS;
        boolean addresses = !configuration.replyAddresses().isEmpty();
        if (!ports && !addresses) return;
        out.open("global_defs");
        if (ports) out.line("reply_ports " + configuration.replyPorts());
        if (addresses) {
            out.line("reply_addresses "
                    + String.join(
                            " ",
                            configuration.replyAddresses().stream()
                                    .map(IpAddress::toString)
                                    .toList()));
        }
        out.close();
    }

    private void service(VirtualService service) {
        out.open("virtual_server "
                + addressAndPort(
                        service.key().vip().address(), service.key().vip().port()));
        out.line("protocol " + service.key().protocol().name());
        out.line("lb_algo " + service.scheduling().ipvsName());
        SchedulerChoice.flagsOf(service.scheduling()).forEach(out::line);
        out.line("lb_kind " + ForwardingChoice.print(service.forwarding()));
        out.flag("ops", service.onePacket());
        service.persistence()
                .ifPresent(p -> persistence(p, service.key().vip().address().v6()));
        extensions(service);
        out.unless("quorum", service.quorum(), 1);
        out.unless("hysteresis", service.hysteresis(), 0);
        out.flag("alpha", service.alpha());
        out.flag("omega", service.omega());
        service.sorryServer().ifPresent(s -> sorry(s, service));
        service.realServers().forEach(s -> server(s, service));
        out.close();
    }

    private void persistence(VirtualService.Persistence persistence, boolean v6) {
        out.line("persistence_timeout " + persistence.timeout().toSeconds());
        int length = persistence.prefixLength();
        if (length == (v6 ? 128 : 32)) return;
        out.line("persistence_granularity " + (v6 ? Integer.toString(length) : Affinity.netmask(length)));
    }

    private void extensions(VirtualService service) {
        service.responses().ifPresent(n -> out.line("responses " + n));
        Duration idle = service.onePacket() ? ServiceExtensions.ONE_PACKET_TIMEOUT : ServiceExtensions.TRACKED_TIMEOUT;
        boolean udp = service.key().protocol() == Protocol.UDP;
        if (udp) out.unless("udp_timeout", service.udpTimeout(), idle);
        if (service.clientAddress() == ClientAddress.KEEP) out.line("client_address keep");
        if (service.clientAddress() == ClientAddress.DIRECTOR) out.line("client_address director");
        out.flag("transparent", service.transparent());
        if (service.proxyProtocol()) out.line("proxy_protocol v2");
        if (service.canonicalOrder()) out.line("order canonical");
        service.drainTimeout().ifPresent(t -> out.line("drain_timeout " + Values.seconds(t)));
        out.unless("failback_grace", service.failbackGrace(), Duration.ZERO);
    }

    private void sorry(VirtualService.SorryServer sorry, VirtualService service) {
        out.line("sorry_server "
                + addressAndPort(sorry.endpoint().address(), sorry.endpoint().port()));
        if (!sorry.forwarding().equals(service.forwarding())) {
            out.line("sorry_server_lvs_method " + ForwardingChoice.print(sorry.forwarding()));
        }
        out.flag("sorry_server_inhibit", sorry.inhibit());
    }

    private void server(RealServer server, VirtualService service) {
        out.open("real_server "
                + addressAndPort(server.endpoint().address(), server.endpoint().port()));
        out.unless("weight", server.weight(), 1);
        if (!server.forwarding().equals(service.forwarding())) {
            out.line("lvs_method " + ForwardingChoice.print(server.forwarding()));
        }
        out.unless("uthreshold", server.upperThreshold(), 0);
        out.unless("lthreshold", server.lowerThreshold(), 0);
        out.flag("inhibit_on_failure", server.inhibitOnFailure());
        if (server.alpha() != service.alpha()) out.line("alpha " + (server.alpha() ? "on" : "off"));
        for (Check check : server.checks()) new CheckPrinter(out, server).print(check);
        out.close();
    }

    private static String addressAndPort(IpAddress address, int port) {
        return port == 0 ? address.toString() : address + " " + port;
    }
}
