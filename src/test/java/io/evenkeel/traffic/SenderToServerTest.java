package io.evenkeel.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The rig against itself: sender, server and audit, without a director between them. */
class SenderToServerTest {
    private static final InetSocketAddress ANY_LOOPBACK = Addresses.at("127.0.0.1", 0);

    @Test
    void everyDatagramOfAnOpenLoopArrivesOnceAndInOrder() throws IOException {
        try (EchoServer sink = EchoServer.open(EchoServer.Settings.sink(ANY_LOOPBACK))) {
            SendRecord sent = run(SendPlan.oneWay(sink.addresses().getFirst(), 2_000, 20_000));
            Audit audit = new Audit(sent, Map.of("sink", sink.record()));
            assertThat(sent.sent()).isEqualTo(2_000);
            assertThat(audit.split()).containsEntry("sink", 2_000L);
            assertThat(audit.lost()).isZero();
            assertThat(audit.lastLost()).isEqualTo(-1);
            assertThat(audit.duplicates()).isZero();
            assertThat(audit.orderBreaks()).isZero();
            assertThat(audit.damaged()).isZero();
            assertThat(audit.overflow()).isZero();
        }
    }

    @Test
    void anOpenLoopKeepsItsRate() throws IOException {
        try (EchoServer sink = EchoServer.open(EchoServer.Settings.sink(ANY_LOOPBACK))) {
            SendRecord sent = run(SendPlan.oneWay(sink.addresses().getFirst(), 1_000, 2_000));
            long tookNanos = sent.sentNanos(999) - sent.sentNanos(0);
            assertThat(tookNanos).as("1,000 datagrams at 2,000/s").isGreaterThan(480_000_000L);
        }
    }

    @Test
    void aClosedLoopIsAnsweredInFull() throws IOException {
        try (EchoServer echo = EchoServer.open(EchoServer.Settings.echo(ANY_LOOPBACK))) {
            SendRecord sent = run(SendPlan.withReplies(echo.addresses().getFirst(), 5_000));
            assertThat(sent.answered()).isEqualTo(5_000);
            assertThat(sent.replies()).isEqualTo(5_000);
            assertThat(sent.surplusReplies()).isZero();
            assertThat(sent.strangeReplies()).isZero();
            assertThat(sent.misdelivered()).isZero();
        }
    }

    @Test
    void severalRepliesToOneRequestAreAllCounted() throws IOException {
        EchoServer.Settings thrice =
                new EchoServer.Settings(List.of(ANY_LOOPBACK), 3, Duration.ZERO, EchoServer.SidePort.NONE);
        try (EchoServer echo = EchoServer.open(thrice)) {
            InetSocketAddress target = echo.addresses().getFirst();
            SendRecord enough = run(SendPlan.withReplies(target, 300).answered(3));
            assertThat(enough.replies()).isEqualTo(900);
            assertThat(enough.surplusReplies()).isZero();
            SendRecord tooMany = run(SendPlan.oneWay(target, 300, 5_000).answered(2));
            assertThat(tooMany.replies()).isGreaterThan(600);
            assertThat(tooMany.surplusReplies()).isPositive();
        }
    }

    @Test
    void aDeadServerLeavesAClosedLoopUnansweredButNotStuck() throws IOException {
        InetSocketAddress closed;
        try (EchoServer gone = EchoServer.open(EchoServer.Settings.sink(ANY_LOOPBACK))) {
            closed = gone.addresses().getFirst();
        }
        SendPlan plan = SendPlan.withReplies(closed, 100).paced(new Pacing.ClosedLoop(10, Duration.ofMillis(20)));
        SendRecord sent = run(plan);
        Audit audit = new Audit(sent, Map.of());
        assertThat(audit.unanswered()).isEqualTo(100);
        assertThat(audit.lost()).isEqualTo(100);
        assertThat(audit.lastLost()).isEqualTo(99);
    }

    @Test
    void heldBackRepliesComeAfterTheirDelay() throws IOException {
        EchoServer.Settings slow =
                new EchoServer.Settings(List.of(ANY_LOOPBACK), 1, Duration.ofMillis(50), EchoServer.SidePort.NONE);
        try (EchoServer echo = EchoServer.open(slow)) {
            SendRecord sent = run(SendPlan.withReplies(echo.addresses().getFirst(), 100));
            assertThat(sent.answered()).isEqualTo(100);
            assertThat(sent.slowestReplyNanos()).isGreaterThan(50_000_000L);
        }
    }

    @Test
    void lengthsFromNothingToTheLongestArriveWhole() throws IOException {
        try (EchoServer sink = EchoServer.open(EchoServer.Settings.sink(ANY_LOOPBACK))) {
            InetSocketAddress target = sink.addresses().getFirst();
            SendRecord small = run(SendPlan.oneWay(target, 3_000, 20_000)
                    .sized(Sizes.uniform(0, 1_472, 5).inRunsUpTo(8)));
            SendRecord large = run(SendPlan.oneWay(target, 20, 100)
                    .sized(Sizes.fixed(Payload.MAX_BYTES))
                    .run(2));
            ServerRecord record = sink.record();
            Audit audit = new Audit(small, Map.of("sink", record));
            assertThat(small.shorts())
                    .as("some are too short to carry a number")
                    .isPositive();
            assertThat(audit.lost() + audit.lostShorts() + audit.lostShortBytes())
                    .isZero();
            assertThat(audit.damaged()).isZero();
            assertThat(new Audit(large, Map.of("sink", record)).lost()).isZero();
            assertThat(record.bytes()).isEqualTo(small.bytes() + large.bytes());
        }
    }

    @Test
    void eachClientKeepsItsOwnAddress() throws IOException {
        try (EchoServer sink = EchoServer.open(EchoServer.Settings.sink(ANY_LOOPBACK))) {
            SendRecord sent = run(SendPlan.oneWay(sink.addresses().getFirst(), 200, 5_000)
                    .from(new SocketUse.Each(20))
                    .bound(List.of(InetAddress.ofLiteral("127.0.0.2"), InetAddress.ofLiteral("127.0.0.3"))));
            ServerRecord.Run run = sink.record().run(1);
            assertThat(run.clients()).hasSize(20);
            run.clients().forEach((number, client) -> {
                assertThat(client.source()).isEqualTo(sent.clients().get(number));
                assertThat(client.sources()).isEqualTo(1);
                assertThat(client.received()).isEqualTo(10);
            });
        }
    }

    @Test
    void freshSocketsGiveEveryDatagramItsOwnTuple() throws IOException {
        try (EchoServer echo = EchoServer.open(EchoServer.Settings.echo(ANY_LOOPBACK))) {
            SendRecord sent = run(SendPlan.withReplies(echo.addresses().getFirst(), 500)
                    .from(new SocketUse.Fresh(20_000))
                    .bound(List.of(InetAddress.ofLiteral("127.0.0.2"), InetAddress.ofLiteral("127.0.0.3"))));
            assertThat(sent.answered()).isEqualTo(500);
            assertThat(echo.record().run(1).client(0).sources())
                    .as("a change of source with every datagram")
                    .isEqualTo(500);
        }
    }

    @Test
    void twoServersWithTheSameDatagramAreSeenAsDuplicates() throws IOException {
        try (EchoServer sink = EchoServer.open(EchoServer.Settings.sink(ANY_LOOPBACK))) {
            SendRecord sent = run(SendPlan.oneWay(sink.addresses().getFirst(), 100, 5_000));
            Audit audit = new Audit(sent, Map.of("a", sink.record(), "b", sink.record()));
            assertThat(audit.duplicates()).isEqualTo(100);
        }
    }

    @Test
    void theTcpSidePortAcceptsOnTheSamePort() throws IOException, InterruptedException {
        try (EchoServer sink = EchoServer.open(EchoServer.Settings.sink(ANY_LOOPBACK))) {
            InetSocketAddress at = sink.addresses().getFirst();
            try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            assertThat(sink.record().connections()).isEqualTo(1);
        }
    }

    private static SendRecord run(SendPlan plan) throws IOException {
        return new NumberedSender(plan).run();
    }
}
