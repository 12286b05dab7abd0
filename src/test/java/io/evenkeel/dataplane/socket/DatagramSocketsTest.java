package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import io.evenkeel.linux.Libc;
import io.evenkeel.linux.Sockets;
import io.evenkeel.model.IpAddress;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How the plane's sockets share ports with each other. */
class DatagramSocketsTest {

    /** A client's port is the client's choice, and may be one that the director sends from itself. */
    @Test
    @Needs(Capability.ROOT)
    void aClientsAddressIsBorneThoughOneOfOurSocketsHasItsPort() {
        for (boolean v6 : new boolean[] {false, true}) {
            int ours = DatagramSockets.oneWay(v6, null);
            assertThat(ours).isNotNegative();
            IpAddress client = IpAddress.of(v6 ? "2001:db8::77" : "198.18.0.77");
            int theirs = DatagramSockets.transparent(v6, client.high(), client.low(), Sockets.localPort(ours));
            assertThat(theirs).as("IPv6 %s", v6).isNotNegative();
            Libc.close(theirs);
            Libc.close(ours);
        }
    }

    @Test
    void noTwoOfThemGetOnePort() {
        Set<Integer> ports = new HashSet<>();
        int[] sockets = new int[200];
        for (int i = 0; i < sockets.length; i++) {
            sockets[i] = DatagramSockets.towardsRealservers(false, null);
            assertThat(ports.add(Sockets.localPort(sockets[i]))).isTrue();
        }
        for (int socket : sockets) Libc.close(socket);
    }
}
