package io.evenkeel.api;

import io.evenkeel.api.ControlMessage.Reply;
import io.evenkeel.api.ControlMessage.ReplyHeader;
import io.evenkeel.api.ControlMessage.Request;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Asks a director one thing. Blocks the caller, on whatever thread that is. */
public final class ControlClient {
    private ControlClient() {}

    /** Longer than the director takes at most, so that its own words about a delay arrive. */
    private static final Duration PATIENCE = ControlConnection.ANSWER_TIMEOUT.plusSeconds(5);

    /** What came of asking. */
    public sealed interface Answer {
        record Replied(Reply reply) implements Answer {}

        /** Nobody listens there. */
        record NoDirector() implements Answer {}

        /** Somebody may listen, but this did not work; {@code why} is one line. */
        record Broken(String why) implements Answer {}
    }

    public static Answer ask(Path socket, Request request) {
        return ask(socket, request, PATIENCE);
    }

    static Answer ask(Path socket, Request request, Duration patience) {
        if (!Files.exists(socket)) return unseen(socket);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            Watch watch = new Watch(channel, patience, Thread.ofPlatform().daemon());
            try {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return exchange(channel, request);
            } catch (IOException failed) {
                if (watch.struck()) {
                    return new Answer.Broken("no answer from " + socket + " within " + patience.toSeconds() + " s");
                }
                throw failed;
            } finally {
                watch.end();
            }
        } catch (ConnectException nobody) {
            return new Answer.NoDirector();
        } catch (IOException failed) {
            return new Answer.Broken(socket + ": " + failed.getMessage());
        }
    }

    /** A socket that cannot be seen is absent, or behind a directory that is not ours. */
    private static Answer unseen(Path socket) {
        Path directory = socket.getParent();
        if (directory == null || !Files.isDirectory(directory) || Files.isExecutable(directory)) {
            return new Answer.NoDirector();
        }
        return new Answer.Broken(directory + ": permission denied (ask as the user that runs the director)");
    }

    private static Answer exchange(SocketChannel channel, Request request) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(ControlMessage.encode(request));
        try {
            while (bytes.hasRemaining()) channel.write(bytes);
        } catch (IOException early) {
            // A director that turns clients away closes without reading; what it said can still be read. If it said
            // nothing, reading fails in its turn.
            return readReply(channel);
        }
        return readReply(channel);
    }

    private static Answer readReply(SocketChannel channel) throws IOException {
        InputStream in = Channels.newInputStream(channel);
        Optional<ReplyHeader> header = ControlMessage.decodeReplyHeader(readLine(in));
        if (header.isEmpty()) return new Answer.Broken("what listens there does not speak " + ControlMessage.PROTOCOL);
        byte[] body = in.readNBytes(header.get().length());
        if (body.length < header.get().length()) throw new EOFException("the answer was cut short");
        return new Answer.Replied(new Reply(header.get().outcome(), new String(body, StandardCharsets.UTF_8)));
    }

    private static ByteBuffer readLine(InputStream in) throws IOException {
        ByteBuffer line = ByteBuffer.allocate(ControlMessage.MAX_REPLY_HEADER);
        while (line.hasRemaining()) {
            int next = in.read();
            if (next < 0) throw new EOFException("the director closed the connection without an answer");
            if (next == '\n') break;
            line.put((byte) next);
        }
        return line.flip();
    }
}
