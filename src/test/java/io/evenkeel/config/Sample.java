package io.evenkeel.config;

import io.evenkeel.model.RealServer;
import io.evenkeel.model.VirtualService;

/** A service without faults, to which a test adds one. */
final class Sample {

    /** The line that {@code body} begins at. */
    static final int BODY = 5;

    private Sample() {}

    /** @param body lines within the virtual_server, from line 5 column 1 */
    static String service(String body) {
        return """
                virtual_server 192.0.2.1 53 {
                    protocol UDP
                    lb_algo rr
                    lb_kind NAT
                %s
                    real_server 192.0.2.11 53 {
                    }
                    real_server 192.0.2.12 53 {
                    }
                }
                """.formatted(body);
    }

    static String tcpService(String body) {
        return service(body).replace("protocol UDP", "protocol TCP");
    }

    /** @param body lines within the only real_server, from line 6 column 1 */
    static String server(String body) {
        return """
                virtual_server 192.0.2.1 53 {
                    protocol UDP
                    lb_algo rr
                    lb_kind NAT
                    real_server 192.0.2.11 53 {
                %s
                    }
                }
                """.formatted(body);
    }

    static VirtualService only(Loaded loaded) {
        if (loaded.configuration().services().size() != 1) {
            throw new AssertionError(DiagnosticPrinter.print(loaded.diagnostics()));
        }
        return loaded.configuration().services().getFirst();
    }

    /** As {@link #only}, and nothing may have been said. */
    static VirtualService silent(Loaded loaded) {
        if (!loaded.diagnostics().isEmpty()) throw new AssertionError(DiagnosticPrinter.print(loaded.diagnostics()));
        return only(loaded);
    }

    static RealServer first(String text) {
        return silent(Reading.load(text)).realServers().getFirst();
    }
}
