package io.evenkeel.traffic;

import io.evenkeel.linux.SyscallException;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * The main class of a traffic process: obeys the orders on its standard input, one after the other, and ends when that
 * closes, so that it never outlives the process which started it. Everything here runs on the main thread but the sending.
 */
public final class TrafficAgent {
    private static final int MAX_SERVERS = 100;

    private final List<EchoServer> servers = new ArrayList<>();
    private @Nullable ConnectionKeeper keeper;
    private @Nullable NumberedSender sender;
    private @Nullable FutureTask<SendRecord> run;

    private TrafficAgent() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) throws IOException {
        try (ObjectOutputStream answers = new ObjectOutputStream(new FileOutputStream(FileDescriptor.out))) {
            answers.flush();
            new TrafficAgent().obey(answers);
        }
        Runtime.getRuntime().halt(0); // a sender that is still at work has nobody to report to
    }

    private void obey(ObjectOutputStream answers) throws IOException {
        try (ObjectInputStream orders = new ObjectInputStream(new FileInputStream(FileDescriptor.in))) {
            while (true) {
                Serializable answer = attempt((Order) orders.readObject());
                answers.writeObject(answer);
                answers.flush();
                answers.reset();
            }
        } catch (EOFException ended) {
            servers.forEach(EchoServer::close);
        } catch (ClassNotFoundException e) {
            throw new IOException(e);
        }
    }

    private Serializable attempt(Order order) {
        try {
            return carryOut(order);
        } catch (ExecutionException | CompletionException e) {
            return new Order.Failed(String.valueOf(e.getCause()));
        } catch (IOException | InterruptedException | IllegalStateException | SyscallException e) {
            return new Order.Failed(String.valueOf(e.getMessage()));
        }
    }

    private Serializable carryOut(Order order) throws IOException, InterruptedException, ExecutionException {
        return switch (order) {
            case Order.Serve(EchoServer.Settings settings) -> serve(settings);
            case Order.Report(int number) -> server(number).record();
            case Order.Vanish() -> {
                servers.forEach(EchoServer::close);
                yield server(0).endedNanos();
            }
            case Order.Connect(ConnectionKeeper.Plan plan) -> {
                keeper = ConnectionKeeper.open(plan);
                yield new Order.Done();
            }
            case Order.Connections() ->
                new ArrayList<>(require(keeper, "no connection was opened").report());
            case Order.Send(SendPlan plan) -> send(plan);
            case Order.HowFar() -> require(sender, "nothing is sent one by one").progress();
            case Order.StopSending() -> {
                require(sender, "nothing is sent one by one").stop();
                yield new Order.Done();
            }
            case Order.SendRaw(ArrayList<byte[]> packets, int perSecond) -> {
                RawSender.send(packets, perSecond);
                yield new Order.Done();
            }
            case Order.AwaitEnd() -> require(run, "nothing was sent").get();
        };
    }

    private Serializable serve(EchoServer.Settings settings) throws IOException {
        if (servers.size() == MAX_SERVERS) throw new IllegalStateException("this process serves enough");
        EchoServer opened = EchoServer.open(settings);
        servers.add(opened);
        return new ArrayList<>(opened.addresses());
    }

    private EchoServer server(int number) {
        if (number >= servers.size()) throw new IllegalStateException("no server was opened");
        return servers.get(number);
    }

    private Serializable send(SendPlan plan) throws IOException {
        if (run != null && !run.isDone()) throw new IllegalStateException("this process is sending already");
        Callable<SendRecord> work;
        if (plan.aggregate() > 1) {
            sender = null;
            work = new AggregateSender(plan)::run;
        } else {
            NumberedSender next = new NumberedSender(plan);
            sender = next;
            work = next::run;
        }
        FutureTask<SendRecord> task = new FutureTask<>(work);
        Thread thread = new Thread(task, "ek-sender");
        thread.setDaemon(true);
        thread.start();
        run = task;
        return new Order.Done();
    }

    private static <T> T require(@Nullable T value, String otherwise) {
        if (value == null) throw new IllegalStateException(otherwise);
        return value;
    }
}
