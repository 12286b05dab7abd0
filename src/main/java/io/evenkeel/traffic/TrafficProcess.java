package io.evenkeel.traffic;

import java.io.EOFException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process of its own that serves or sends, told what to do through its pipes. It dies when we do: its input closes with
 * us. One thread at a time.
 */
public final class TrafficProcess implements AutoCloseable {
    private static final long EXIT_PATIENCE_SECONDS = 5;

    private final Process process;
    private final ObjectOutputStream orders;
    private final ObjectInputStream answers;

    private TrafficProcess(Process process) throws IOException {
        this.process = process;
        this.orders = new ObjectOutputStream(process.getOutputStream());
        orders.flush();
        this.answers = new ObjectInputStream(process.getInputStream());
    }

    /** Starts one. Its stderr is ours. */
    public static TrafficProcess start(SameProgram program) throws IOException {
        return start(program, List.of());
    }

    /** Starts one by a command that takes ours as its last arguments, e.g. {@code ip netns exec NAME}. */
    public static TrafficProcess start(SameProgram program, List<String> prefix) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(program.command(TrafficAgent.class.getName(), List.of()));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            return new TrafficProcess(process);
        } catch (IOException e) {
            process.destroyForcibly();
            throw new IOException("a traffic process did not start: " + String.join(" ", command), e);
        }
    }

    public long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** Opens another echo server there and returns where it listens. */
    public List<InetSocketAddress> serve(EchoServer.Settings settings) throws IOException {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (Object address : (List<?>) ask(new Order.Serve(settings))) addresses.add((InetSocketAddress) address);
        return addresses;
    }

    /** What its first echo server saw up to now. */
    public ServerRecord report() throws IOException {
        return report(0);
    }

    /** What its {@code number}-th echo server, from 0, saw up to now. */
    public ServerRecord report(int number) throws IOException {
        return (ServerRecord) ask(new Order.Report(number));
    }

    /** Starts a run; see {@link #awaitEnd}. */
    public void send(SendPlan plan) throws IOException {
        ask(new Order.Send(plan));
    }

    public NumberedSender.Progress howFar() throws IOException {
        return (NumberedSender.Progress) ask(new Order.HowFar());
    }

    /** Ends the run before its count is reached. */
    public void stopSending() throws IOException {
        ask(new Order.StopSending());
    }

    /** Waits for the end of the run. */
    public SendRecord awaitEnd() throws IOException {
        return (SendRecord) ask(new Order.AwaitEnd());
    }

    /**
     * Closes the sockets of its echo servers at once and returns System.nanoTime of that instant. What they saw can still
     * be asked for.
     */
    public long vanish() throws IOException {
        return (Long) ask(new Order.Vanish());
    }

    /** Opens TCP connections to an echo server and keeps them; every second one sends a word each {@code period}. */
    public void keepConnections(InetSocketAddress target, int count, Duration period) throws IOException {
        ask(new Order.Connect(new ConnectionKeeper.Plan(target, count, period)));
    }

    /** How the kept connections fare. */
    public List<KeptConnection> connections() throws IOException {
        List<KeptConnection> connections = new ArrayList<>();
        for (Object connection : (List<?>) ask(new Order.Connections())) connections.add((KeptConnection) connection);
        return connections;
    }

    /** Sends IPv4 packets as they are, headers and all. Needs CAP_NET_RAW. */
    public void sendRaw(List<byte[]> packets, int perSecond) throws IOException {
        ask(new Order.SendRaw(new ArrayList<>(packets), perSecond));
    }

    /** SIGKILL, as a crash would be: its sockets close with it. Returns System.nanoTime of just before the signal. */
    public long kill() {
        long at = System.nanoTime();
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return at;
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(EXIT_PATIENCE_SECONDS, TimeUnit.SECONDS)) kill();
        } catch (IOException e) {
            kill();
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Object ask(Order order) throws IOException {
        try {
            orders.writeObject(order);
            orders.flush();
            orders.reset();
            Object answer = answers.readObject();
            if (answer instanceof Order.Failed(String reason)) throw new IOException(reason);
            return answer;
        } catch (EOFException e) {
            throw new IOException("traffic process " + process.pid() + " ended", e);
        } catch (ClassNotFoundException e) {
            throw new IOException(e);
        }
    }
}
