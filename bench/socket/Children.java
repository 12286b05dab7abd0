import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Every process the bench starts, so that each is stopped, by its pid, at the end of its run and also on Ctrl-C. The
 * main thread starts children; the shutdown hook may stop them. A bench that is killed outright takes them along:
 * tools end with their standard input, senders after their seconds, and balancers get SIGTERM from the kernel
 * (setpriv --pdeathsig).
 */
final class Children {
    private static final long GRACE_SECONDS = 8;

    private final Set<Child> living = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    Children() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stopAll, "stop-children"));
    }

    boolean stopping() {
        return stopping;
    }

    private void stopAll() {
        stopping = true;
        living.forEach(child -> child.process.destroy());
        living.forEach(Child::close);
    }

    /** One of the tools of this folder, with pipes; complaints go to the log. */
    Child startTool(List<String> command, Path log) throws IOException {
        return start(
                command,
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())),
                log);
    }

    /** A balancer: all it prints goes to the log. */
    Child startBalancer(List<String> command, Path directory, Path log) throws IOException {
        List<String> guarded = new ArrayList<>(List.of("setpriv", "--pdeathsig", "TERM"));
        guarded.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(guarded)
                .directory(directory.toFile())
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return start(command, builder, log);
    }

    private Child start(List<String> command, ProcessBuilder builder, Path log) throws IOException {
        if (stopping) {
            throw new IOException("the bench is stopping");
        }
        Child child = new Child(command, builder.start(), log);
        living.add(child);
        return child;
    }

    /** A started process. Closing stops it: SIGTERM, and SIGKILL if it is still there after a while. */
    final class Child implements AutoCloseable {
        private final List<String> command;
        private final Process process;
        private final Path log;

        private Child(List<String> command, Process process, Path log) {
            this.command = command;
            this.process = process;
            this.log = log;
        }

        ProcessHandle handle() {
            return process.toHandle();
        }

        /** The next line a tool prints, read as JSON. */
        Json.Document answer() throws IOException {
            BufferedReader reader = process.inputReader();
            String line = reader.readLine();
            if (line == null) {
                throw failure("ended without an answer");
            }
            return Json.parse(line);
        }

        /** Asks a serving tool what came since it was last asked. */
        Json.Document report() throws IOException {
            Writer input = process.outputWriter();
            input.write('\n');
            input.flush();
            return answer();
        }

        /** Waits until the condition holds; fails when the process ends or the time is over first. */
        void await(String what, long seconds, BooleanSupplier condition) throws IOException, InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            while (!condition.getAsBoolean()) {
                if (!process.isAlive()) {
                    throw failure("ended before it was " + what);
                }
                if (System.nanoTime() - deadline > 0) {
                    throw failure("was not " + what + " after " + seconds + " s");
                }
                Thread.sleep(20);
            }
        }

        private IOException failure(String what) throws IOException {
            String said = Files.exists(log) ? Files.readString(log).strip() : "";
            String last = said.substring(said.lastIndexOf('\n') + 1);
            return new IOException(Path.of(command.getFirst()).getFileName() + " " + what
                    + (last.isEmpty() ? "" : "; it last said: " + last));
        }

        @Override
        public void close() {
            List<ProcessHandle> tree = handle().descendants().toList();
            process.destroy();
            try {
                if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                process.destroyForcibly();
            }
            tree.forEach(ProcessHandle::destroyForcibly);
            living.remove(this);
        }
    }
}
