package io.evenkeel.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrafficProcessTest {
    private static final InetSocketAddress ANY_LOOPBACK = Addresses.at("127.0.0.1", 0);

    @Test
    void serverAndSenderInProcessesOfTheirOwnTellWhatTheySaw() throws IOException {
        try (TrafficProcess server = TrafficProcess.start(SameProgram.current());
                TrafficProcess sender = TrafficProcess.start(SameProgram.current())) {
            List<InetSocketAddress> at = server.serve(EchoServer.Settings.echo(ANY_LOOPBACK));
            sender.send(SendPlan.withReplies(at.getFirst(), 1_000));
            SendRecord sent = sender.awaitEnd();
            assertThat(sender.howFar().answered()).isEqualTo(1_000);
            Audit audit = new Audit(sent, Map.of("server", server.report()));
            assertThat(audit.split()).containsEntry("server", 1_000L);
            assertThat(audit.unanswered()).isZero();
        }
    }

    @Test
    void aRunCanBeStopped() throws IOException {
        try (TrafficProcess server = TrafficProcess.start(SameProgram.current());
                TrafficProcess sender = TrafficProcess.start(SameProgram.current())) {
            List<InetSocketAddress> at = server.serve(EchoServer.Settings.sink(ANY_LOOPBACK));
            sender.send(SendPlan.oneWay(at.getFirst(), 1_000_000, 1_000));
            sender.stopSending();
            SendRecord sent = sender.awaitEnd();
            assertThat(sent.sent()).isLessThan(1_000_000);
        }
    }

    @Test
    void itEndsWhenItsInputCloses() throws IOException {
        TrafficProcess server = TrafficProcess.start(SameProgram.current());
        server.serve(EchoServer.Settings.sink(ANY_LOOPBACK));
        ProcessHandle handle = ProcessHandle.of(server.pid()).orElseThrow();
        server.close();
        assertThat(handle.isAlive()).isFalse();
    }

    @Test
    void aKilledOneSaysSoWhenAsked() throws IOException {
        try (TrafficProcess server = TrafficProcess.start(SameProgram.current())) {
            server.serve(EchoServer.Settings.sink(ANY_LOOPBACK));
            server.kill();
            assertThat(server.alive()).isFalse();
            assertThatThrownBy(server::report).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anOrderThatFailsGivesItsReason() throws IOException {
        try (TrafficProcess process = TrafficProcess.start(SameProgram.current())) {
            assertThatThrownBy(process::report).hasMessageContaining("no server was opened");
            InetSocketAddress notOurs = Addresses.at("192.0.2.1", 9);
            assertThatThrownBy(() -> process.serve(EchoServer.Settings.sink(notOurs)))
                    .hasMessageContaining("192.0.2.1:9/udp");
        }
    }
}
