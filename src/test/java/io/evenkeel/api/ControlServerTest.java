package io.evenkeel.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.api.ControlClient.Answer;
import io.evenkeel.api.ControlMessage.Explain;
import io.evenkeel.api.ControlMessage.Intend;
import io.evenkeel.api.ControlMessage.Reload;
import io.evenkeel.api.ControlMessage.Reply;
import io.evenkeel.api.ControlMessage.StatusJson;
import io.evenkeel.api.ControlMessage.StatusTable;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Question;
import io.evenkeel.director.Snapshot;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The control socket, with a director behind it that is a script. */
class ControlServerTest implements ControlServer.Backend {

    private static final Intend DRAIN = new Intend(
            ServiceKey.parse("192.0.2.1:514/udp").orElseThrow(), Endpoint.of("10.0.0.1:514"), OperatorIntent.DRAINING);

    @TempDir
    Path temp;

    private Path socket;
    private ControlServer server;
    private Thread loop;

    private final List<Intend> wishes = new ArrayList<>();
    private CompletableFuture<Optional<Refused>> acknowledgement = CompletableFuture.completedFuture(Optional.empty());
    private final AtomicInteger reloadsAsked = new AtomicInteger();
    private CompletableFuture<Reply> reloaded = CompletableFuture.completedFuture(Reply.done("nothing changes\n"));

    @BeforeEach
    void listen() {
        socket = temp.resolve("control.sock");
        server = ((ControlServer.Opening.Open) ControlServer.open(socket, this)).server();
        loop = Thread.ofPlatform().start(server::acceptLoop);
    }

    @AfterEach
    void close() throws InterruptedException {
        server.close();
        loop.join(5_000);
        assertThat(loop.isAlive()).isFalse();
        assertThat(socket).doesNotExist();
    }

    @Override
    public Snapshot snapshot() {
        return Snapshots.full();
    }

    @Override
    public CompletableFuture<Optional<Refused>> intend(Intend wish) {
        wishes.add(wish);
        return acknowledgement;
    }

    @Override
    public CompletableFuture<Explanation> explain(Question question) {
        return CompletableFuture.completedFuture(Explanations.of(question));
    }

    @Override
    public CompletableFuture<Reply> leave() {
        return CompletableFuture.completedFuture(Reply.done("leaving\n"));
    }

    @Override
    public CompletableFuture<Reply> reload() {
        reloadsAsked.incrementAndGet();
        return reloaded;
    }

    @Test
    void answersStatusAsDataAndAsText() {
        assertThat(done(ControlClient.ask(socket, new StatusJson())))
                .contains("\"schema\" : 1")
                .contains("90010");
        assertThat(done(ControlClient.ask(socket, new StatusTable(80)))).startsWith("evenkeel 0.1.0, pid 4242");
    }

    @Test
    void anExplanationIsAnsweredAsDataOrAsTextAndARefusalAsOne() {
        Question question = Explanations.question("udp 198.51.100.7:40000 192.0.2.1:514");
        assertThat(done(ControlClient.ask(socket, new Explain(question, true)))).startsWith("{\n  \"schema\" : 1");
        assertThat(done(ControlClient.ask(socket, new Explain(question, false))))
                .startsWith("udp 198.51.100.7:40000 -> 192.0.2.1:514, on the socket plane\n");
        Question nobody = Explanations.question("udp 198.51.100.7:40000 192.0.2.99:514");
        assertThat(ControlClient.ask(socket, new Explain(nobody, false)))
                .isEqualTo(new Answer.Replied(Reply.refused("there is no virtual service 192.0.2.99:514/udp"
                        + " (evenkeel status lists services and realservers)")));
    }

    @Test
    void aWishIsAnsweredOnlyWhenItHasBeenAcknowledged() throws Exception {
        acknowledgement = new CompletableFuture<>();
        CompletableFuture<Answer> answer = CompletableFuture.supplyAsync(() -> ControlClient.ask(socket, DRAIN));
        while (wishes.isEmpty()) Thread.onSpinWait();
        assertThat(answer).isNotDone();
        acknowledgement.complete(Optional.empty());
        assertThat(done(answer.get())).isEqualTo("192.0.2.1:514/udp 10.0.0.1:514: draining\n");
        assertThat(wishes).containsExactly(DRAIN);
    }

    @Test
    void aRefusalComesWithItsRemedy() {
        acknowledgement =
                CompletableFuture.completedFuture(Optional.of(new Refused("no such realserver", "see status")));
        assertThat(ControlClient.ask(socket, DRAIN))
                .isEqualTo(new Answer.Replied(Reply.refused("no such realserver (see status)")));
    }

    @Test
    void aBugBehindTheSocketIsOneSentenceToTheClient() {
        reloaded = CompletableFuture.failedFuture(new IllegalStateException("secret detail"));
        assertThat(ControlClient.ask(socket, new Reload()))
                .isEqualTo(new Answer.Replied(Reply.refused("internal error; the director's log says more")));
    }

    @Test
    void aRequestThatIsTooLongOrCutShortIsToldSo() throws IOException {
        assertThat(raw("x".repeat(ControlMessage.MAX_REQUEST)))
                .isEqualTo("evenkeel/1 refused 37\nthe request is longer than 4096 bytes");
        assertThat(raw("evenkeel/1 rel")).isEqualTo("evenkeel/1 refused 37\nthe request ended before its line did");
    }

    @Test
    void aRequestMayArriveByteByByte() throws IOException {
        try (SocketChannel channel = connect()) {
            for (byte b : "evenkeel/1 reload\n".getBytes(UTF_8)) channel.write(ByteBuffer.wrap(new byte[] {b}));
            assertThat(rest(channel)).isEqualTo("evenkeel/1 done 16\nnothing changes\n");
        }
    }

    @Test
    void whoAsksNothingMakesRoomForWhoDoes() throws Exception {
        List<SocketChannel> idle = new ArrayList<>();
        try {
            for (int i = 0; i < ControlServer.MAX_CONNECTIONS; i++) idle.add(connect());
            long before = System.nanoTime();
            assertThat(done(ControlClient.ask(socket, new Reload()))).isEqualTo("nothing changes\n");
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(ControlConnection.READ_TIMEOUT);
            assertThat(server.madeRoom()).isEqualTo(1);
            assertThat(server.turnedAway()).isZero();
            assertThat(rest(idle.getFirst())).as("the oldest was closed").isEmpty();
            SocketChannel second = idle.get(1);
            second.write(ByteBuffer.wrap("evenkeel/1 reload\n".getBytes(UTF_8)));
            assertThat(rest(second)).as("the next may still ask").endsWith("nothing changes\n");
        } finally {
            for (SocketChannel channel : idle) channel.close();
        }
    }

    @Test
    void whoIsBeingAnsweredKeepsItsPlaceAndMoreAreTurnedAway() throws Exception {
        reloaded = new CompletableFuture<>();
        List<SocketChannel> asking = new ArrayList<>();
        try {
            for (int i = 0; i < ControlServer.MAX_CONNECTIONS; i++) {
                asking.add(connect());
                asking.getLast().write(ByteBuffer.wrap("evenkeel/1 reload\n".getBytes(UTF_8)));
            }
            while (reloadsAsked.get() < ControlServer.MAX_CONNECTIONS) Thread.sleep(1);
            assertThat(ControlClient.ask(socket, new StatusJson()))
                    .isEqualTo(new Answer.Replied(Reply.refused("too many control connections; try again")));
            assertThat(server.turnedAway()).isEqualTo(1);
            assertThat(server.madeRoom()).isZero();
            reloaded.complete(Reply.done("nothing changes\n"));
            for (SocketChannel channel : asking) assertThat(rest(channel)).endsWith("nothing changes\n");
        } finally {
            for (SocketChannel channel : asking) channel.close();
        }
        assertThat(done(ControlClient.ask(socket, new Reload())))
                .as("their places are free again")
                .isEqualTo("nothing changes\n");
    }

    @Test
    void aClientThatSaysNothingIsClosed() throws IOException {
        try (SocketChannel channel = connect()) {
            long before = System.nanoTime();
            assertThat(rest(channel)).isEmpty();
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isBetween(
                            ControlConnection.READ_TIMEOUT.minusMillis(500),
                            ControlConnection.READ_TIMEOUT.plusSeconds(10));
        }
    }

    @Test
    void theSocketIsForItsOwnerOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
    }

    @Test
    void replacesASocketThatADeadDirectorLeft() throws IOException {
        Path left = temp.resolve("left.sock");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(left));
        }
        assertThat(ControlClient.ask(left, new Reload())).isEqualTo(new Answer.NoDirector());
        try (ControlServer second = ((ControlServer.Opening.Open) ControlServer.open(left, this)).server()) {
            Thread.ofVirtual().start(second::acceptLoop);
            assertThat(done(ControlClient.ask(left, new Reload()))).isEqualTo("nothing changes\n");
        }
    }

    @Test
    void aPathTooLongForASocketIsRefusedWithARemedy() {
        Path path = temp.resolve("d".repeat(120)).resolve("control.sock");
        assertThat(ControlServer.open(path, this))
                .isInstanceOfSatisfying(
                        ControlServer.Opening.Denied.class,
                        denied -> assertThat(denied.refused().remedy()).contains("--runtime-dir"));
    }

    @Test
    void whereNobodyListensThereIsNoDirector() {
        assertThat(ControlClient.ask(temp.resolve("none/control.sock"), new Reload()))
                .isEqualTo(new Answer.NoDirector());
    }

    @Test
    void whatDoesNotAnswerOrSpeaksSomethingElseIsSaidToBeBroken() throws Exception {
        Path other = temp.resolve("other.sock");
        try (ServerSocketChannel stranger = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            stranger.bind(UnixDomainSocketAddress.of(other));
            assertThat(ControlClient.ask(other, new Reload(), Duration.ofSeconds(1)))
                    .isEqualTo(new Answer.Broken("no answer from " + other + " within 1 s"));
            Thread.ofVirtual().start(() -> greet(stranger));
            assertThat(ControlClient.ask(other, new Reload(), Duration.ofSeconds(5)))
                    .isEqualTo(new Answer.Broken("what listens there does not speak evenkeel/1"));
        }
    }

    /** Greets whoever comes; the first in the queue has left long ago. */
    private static void greet(ServerSocketChannel stranger) {
        while (stranger.isOpen()) {
            try (SocketChannel client = stranger.accept()) {
                client.write(ByteBuffer.wrap("220 mail.example ESMTP\r\n".getBytes(UTF_8)));
            } catch (IOException gone) {
                // the next one may stay
            }
        }
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    private String raw(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            channel.write(ByteBuffer.wrap(request.getBytes(UTF_8)));
            channel.shutdownOutput();
            return rest(channel);
        }
    }

    private static String rest(SocketChannel channel) throws IOException {
        return new String(Channels.newInputStream(channel).readAllBytes(), UTF_8);
    }

    private static String done(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Replied.class);
        Reply reply = ((Answer.Replied) answer).reply();
        assertThat(reply.outcome()).as(reply.body()).isEqualTo(ControlMessage.Outcome.DONE);
        return reply.body();
    }
}
