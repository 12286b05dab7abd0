package io.evenkeel.demo;

import java.net.InetSocketAddress;
import java.util.List;

/** The configuration of the demo: a complete file, as a person would write it. */
final class DemoConfiguration {
    private DemoConfiguration() {}

    static String of(InetSocketAddress vip, List<InetSocketAddress> realservers) {
        StringBuilder text = new StringBuilder("""
                virtual_server %s {
                    protocol UDP
                    lb_algo rr
                    lb_kind NAT
                    ops                        # one-packet scheduling: every datagram takes its own turn
                    responses 1                # each has one reply, sent back from the virtual address
                    client_address director    # unprivileged: realservers see the director's address
                    delay_loop 0.2             # probe every 200 ms

                """.formatted(words(vip)));
        for (InetSocketAddress realserver : realservers) {
            text.append("""
                        real_server %s {
                            TCP_CHECK {
                                connect_timeout 0.2
                                warmup 0
                                retry 0
                                fall 2
                                rise 2
                            }
                        }
                    """.formatted(words(realserver)));
        }
        return text.append("}\n").toString();
    }

    private static String words(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + " " + address.getPort();
    }
}
