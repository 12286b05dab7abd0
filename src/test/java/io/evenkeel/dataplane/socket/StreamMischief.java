package io.evenkeel.dataplane.socket;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Ends of connections that write, read, wait, end and reset as chance will have it. */
final class StreamMischief {
    private StreamMischief() {}

    static Thread client(InetSocketAddress to, long seed, byte[] block) {
        return Thread.ofPlatform().daemon(true).start(() -> {
            try (Socket socket = new Socket()) {
                socket.connect(to);
                play(socket, new Random(seed), block);
            } catch (IOException expected) {
                return; // its peer does as it likes, too
            }
        });
    }

    /** Serves until the listener is closed. */
    static Thread server(ServerSocket listener, long seed) {
        return Thread.ofPlatform().daemon(true).start(() -> {
            Random random = new Random(seed);
            byte[] block = new byte[200_000];
            List<Thread> serving = new ArrayList<>();
            try {
                listener.setSoTimeout(0);
                while (true) {
                    Socket client = listener.accept();
                    long itsSeed = random.nextLong();
                    serving.add(Thread.ofPlatform().daemon(true).start(() -> serve(client, itsSeed, block)));
                }
            } catch (IOException closed) {
                for (Thread thread : serving) join(thread);
            }
        });
    }

    private static void serve(Socket client, long seed, byte[] block) {
        try (client) {
            play(client, new Random(seed), block);
        } catch (IOException expected) {
            return;
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void play(Socket socket, Random random, byte[] block) throws IOException {
        socket.setSoTimeout(200);
        for (int step = random.nextInt(6); step >= 0; step--) {
            switch (random.nextInt(6)) {
                case 0, 1 -> socket.getOutputStream().write(block, 0, 1 + random.nextInt(block.length - 1));
                case 2, 3 -> {
                    byte[] some = new byte[1 + random.nextInt(100_000)];
                    int unused = socket.getInputStream().read(some);
                    assert unused >= -1;
                }
                case 4 -> socket.shutdownOutput();
                default -> {
                    if (random.nextBoolean()) socket.setSoLinger(true, 0);
                    return;
                }
            }
        }
    }
}
