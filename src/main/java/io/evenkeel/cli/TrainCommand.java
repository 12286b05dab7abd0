package io.evenkeel.cli;

import io.evenkeel.daemon.Daemon;
import io.evenkeel.daemon.PlaneChoice;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * {@code evenkeel train}: does every command once, with a director on loopback that forwards nothing, so that the
 * launcher's AOT cache knows the classes of all of them. What a command prints is thrown away.
 */
@Command(name = "train", hidden = true, header = "Do every command once, for the launcher's AOT cache.")
final class TrainCommand implements Callable<Integer> {

    /** Tries of 50 ms each. */
    private static final int PATIENCE = 200;

    private final Terminal terminal;
    private final Terminal silent;

    TrainCommand(Terminal terminal) {
        this.terminal = terminal;
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        silent = new Terminal(nowhere, nowhere, terminal.environment());
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("evenkeel-train");
        try {
            commandsWithoutADirector(directory);
            return commandsWithADirector(directory).code();
        } finally {
            delete(directory);
        }
    }

    private void commandsWithoutADirector(Path directory) throws IOException {
        Path wrong =
                Files.writeString(directory.resolve("wrong.conf"), "virtual_server 192.0.2.1 53 {\n  lb_aglo rr\n}\n");
        String nowhere = directory.resolve("nowhere").toString();
        for (String[] command : new String[][] {
            {"version"},
            {"help"},
            {"help", "--man"},
            {"status", "--help"},
            {"completion"},
            {"no-such-command"},
            {"check", wrong.toString()},
            {"check", "--json", wrong.toString()},
            {"check", nowhere},
            {"doctor"},
            {"doctor", "--json"},
            {"status", "--runtime-dir", nowhere},
            {"realserver", "--print", "--vip", "192.0.2.1"}
        }) {
            Main.execute(silent, command);
        }
    }

    private ExitStatus commandsWithADirector(Path directory) throws IOException, InterruptedException {
        int port = freePort();
        Path file = Files.writeString(directory.resolve("lb.conf"), """
                virtual_server 127.0.0.1 %1$d {
                    protocol UDP
                    lb_algo rr
                    lb_kind NAT
                    ops
                    client_address director
                    delay_loop 1
                    real_server 127.0.0.2 %1$d {
                        TCP_CHECK {
                            connect_timeout 1
                        }
                    }
                    real_server 127.0.0.3 %1$d {
                    }
                }
                """.formatted(port));
        Path runtime = directory.resolve("run");
        Daemon daemon = new Daemon(new Daemon.Settings(file, PlaneChoice.SOCKET, runtime));
        Thread director = Thread.ofPlatform().name("ek-train").start(daemon::run);
        try {
            if (!serves(runtime)) {
                terminal.error("no director for the training");
                return ExitStatus.FAILED;
            }
            List<String> realserver = List.of("127.0.0.1:" + port + "/udp", "127.0.0.3:" + port);
            Main.execute(silent, "check", "--strict", file.toString());
            Main.execute(silent, "status", "--runtime-dir", runtime.toString());
            Main.execute(silent, "status", "--json", "--runtime-dir", runtime.toString());
            for (String form : List.of("--json", "--reply")) {
                String vip = "127.0.0.1:" + port;
                String[] ends = form.equals("--json")
                        ? new String[] {"192.0.2.1:40000", vip}
                        : new String[] {"127.0.0.3:" + port, "192.0.2.1:40000"};
                Main.execute(silent, "explain", "udp", ends[0], ends[1], form, "--runtime-dir", runtime.toString());
            }
            Main.execute(silent, "drain", realserver.get(0), realserver.get(1), "--runtime-dir", runtime.toString());
            Main.execute(silent, "ready", realserver.get(0), realserver.get(1), "--runtime-dir", runtime.toString());
            Main.execute(silent, "reload", "--runtime-dir", runtime.toString());
            return ExitStatus.OK;
        } finally {
            daemon.requestStop("the training is over");
            director.join();
        }
    }

    private boolean serves(Path runtime) throws InterruptedException {
        for (int i = 0; i < PATIENCE; i++) {
            int code = Main.execute(silent, "status", "--runtime-dir", runtime.toString());
            if (code == ExitStatus.OK.code()) return true;
            Thread.sleep(50);
        }
        return false;
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            return socket.getLocalPort();
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) Files.delete(path);
        }
    }
}
