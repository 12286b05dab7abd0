package io.evenkeel.config;

import io.evenkeel.config.Values.AddressAndPort;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.RealServer;
import io.evenkeel.model.ServiceKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The realservers of a service by keepalived's cross checks: ports, families, duplicates. One thread. */
final class ServerList {

    private final ServiceKey service;
    private final ServerBinder.Around around;
    private final Problems problems;
    private final Map<Endpoint, Token> seen = new HashMap<>();

    ServerList(ServiceKey service, ServerBinder.Around around, Problems problems) {
        this.service = service;
        this.around = around;
        this.problems = problems;
    }

    /** Where each realserver that counts was written. */
    Map<Endpoint, Token> written() {
        return Map.copyOf(seen);
    }

    /** In the file's order, without those that cannot be. */
    List<RealServer> complete(List<ServerBinder> written) {
        List<RealServer> complete = new ArrayList<>();
        for (ServerBinder server : written) {
            server.header().ifPresent(header -> add(server, header, complete));
        }
        return complete;
    }

    private void add(ServerBinder server, AddressAndPort header, List<RealServer> complete) {
        Forwarding method = server.forwarding(around);
        Token at = server.at();
        boolean tunnel = method instanceof Forwarding.Tunnel;
        if (header.address().v6() != service.vip().address().v6() && !tunnel) {
            String message = "this realserver is not of the family of the service: it is left out";
            problems.error(at, message, "only TUN may cross families");
            return;
        }
        Endpoint endpoint = new Endpoint(header.address(), port(at, header, method));
        Token first = seen.putIfAbsent(endpoint, at);
        if (first != null) {
            String where = first.place().position().toString();
            String message = "realserver " + endpoint + " stands twice, first at " + where + ": this one is left out";
            problems.error(at, message, "take one of them away");
            return;
        }
        complete.add(server.complete(endpoint, around));
    }

    /** Without rewriting the packet keeps its port, so keepalived overrides what is written. */
    private int port(Token at, AddressAndPort header, Forwarding method) {
        int servicePort = service.vip().port();
        if (header.port() == 0 || header.port() == servicePort) return servicePort;
        if (method instanceof Forwarding.Nat) return header.port();
        String message = method.word() + " cannot change the port: " + servicePort + " is used, not " + header.port();
        problems.warning(at, message, "write port " + servicePort);
        return servicePort;
    }
}
