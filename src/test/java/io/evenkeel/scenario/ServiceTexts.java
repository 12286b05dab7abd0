package io.evenkeel.scenario;

import io.evenkeel.lab.KernelLab;
import io.evenkeel.lab.ServiceText;

/** Fills in the realservers of a service in a {@link KernelLab}. */
final class ServiceTexts {
    private ServiceTexts() {}

    /** Realservers 1 to {@code count} of a network, at a port. */
    static ServiceText nat(ServiceText service, boolean v6, int network, int port, int count) {
        for (int i = 1; i <= count; i++) service.realServer(KernelLab.at(v6, network, 10 + i, port));
        return service;
    }

    /** The same for DR; a check has to ask another port, since daemons there listen on the virtual address alone. */
    static String direct(ServiceText service, boolean v6, int network, int port, String check, int count) {
        service.method("DR").check(check);
        return nat(service, v6, network, port, count).toString();
    }

    /** The scenarios' usual check, of another port than the service's. */
    static String tcpCheck(int port) {
        return """
                TCP_CHECK {
                    connect_port %d
                    connect_timeout 0.2
                    delay_loop 0.2
                    warmup 0
                    retry 0
                    fall 2
                    rise 2
                }""".formatted(port);
    }
}
