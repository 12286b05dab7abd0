package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.lab.Capability;
import io.evenkeel.lab.Needs;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the relay's thread asks of the kernel, as strace sees it. */
@Needs(Capability.STRACE)
class StreamTraceTest {
    private static final int BYTES = 3 << 20;
    private static final Pattern CALL = Pattern.compile("^(?:\\d+ +)?(\\w+)\\((\\d+).* = (-?\\d+)");
    private static final String WATCHED = "trace=splice,tee,vmsplice,sendfile,copy_file_range,read,readv,pread64,"
            + "recvfrom,recvmsg,recvmmsg,write,writev,pwrite64,sendto,sendmsg,sendmmsg,process_vm_readv,mmap";

    @TempDir
    Path directory;

    @Test
    void payloadMovesBySpliceAndByNothingElse() throws Exception {
        Path trace = directory.resolve("trace");
        try (RelayUnderTest it = new RelayUnderTest()) {
            ServerSocket listener = it.server();
            Socket client = it.client();
            Socket server = it.accept(listener);
            exchange(client, server, BYTES); // linking and loading are over, also what waits for the 128th call
            Process strace = attach(it.loop.tid(), trace);
            try {
                exchange(client, server, BYTES);
            } finally {
                strace.destroy(); // strace detaches
                assertThat(strace.waitFor(10, TimeUnit.SECONDS)).isTrue();
            }
            List<String> calls = Files.readAllLines(trace);
            assertThat(calls)
                    .noneSatisfy(call -> assertThat(movesPayloadOtherwise(call, it.loop.wakeFd()))
                            .isTrue());
            // Every byte goes into a pipe and out of it again, in each direction.
            assertThat(calls.stream().mapToLong(StreamTraceTest::spliced).sum()).isEqualTo(4L * BYTES);
            assertThat(it.path(PathCounter.SPLICED_BYTES)).isEqualTo(4L * BYTES);
        }
    }

    private static void exchange(Socket client, Socket server, int bytes) throws Exception {
        byte[] payload = new byte[bytes];
        new Random(3).nextBytes(payload);
        for (Socket from : List.of(client, server)) {
            Socket to = from.equals(client) ? server : client;
            Thread writer = Thread.ofPlatform().daemon(true).start(() -> {
                try {
                    from.getOutputStream().write(payload);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(to.getInputStream().readNBytes(bytes)).isEqualTo(payload);
            writer.join();
        }
    }

    private static Process attach(long tid, Path trace) throws Exception {
        Process strace = new ProcessBuilder(
                        "strace", "-p", Long.toString(tid), "-e", WATCHED, "-s", "0", "-o", trace.toString())
                .start();
        BufferedReader errors = strace.errorReader();
        assertThat(errors.readLine()).as("strace").contains("attached");
        return strace;
    }

    private static boolean movesPayloadOtherwise(String line, int wakeFd) {
        Matcher call = CALL.matcher(line);
        if (!call.find() || call.group(1).equals("splice")) return false;
        boolean wake =
                Integer.parseInt(call.group(2)) == wakeFd && call.group(1).matches("read|write");
        return !wake && Long.parseLong(call.group(3)) > 0;
    }

    private static long spliced(String line) {
        Matcher call = CALL.matcher(line);
        return call.find() && call.group(1).equals("splice") ? Math.max(0, Long.parseLong(call.group(3))) : 0;
    }
}
