package io.evenkeel.traffic;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends numbered datagrams as a {@link SendPlan} says and checks what comes back: number, bytes, source and receiving
 * socket. Its sockets are not connected, so that a reply from a wrong address is seen instead of filtered by the kernel.
 * {@link #run} is called once, by the thread that is to do the work; {@link #progress} and {@link #stop} by any.
 */
public final class NumberedSender {
    private static final int RECEIVE_BATCH = 64;
    private static final long IDLE_NANOS = 300_000;
    private static final long IDLE_MILLIS = 5;

    /** How far a run is. */
    public record Progress(long sent, long answered, long replies) implements Serializable {}

    private final SendPlan plan;
    private final SendRecord record;
    private final Sizes.Draw sizes;
    private final Payload payload = new Payload();
    private final ByteBuffer outgoing = Payload.newBuffer();
    private final ByteBuffer incoming = Payload.newBuffer();
    private final Selector selector;
    private final ClientSockets sockets;

    /** Every sequence number below it is answered in full or given up. */
    private int oldestOpen;

    /** Requests neither answered in full nor given up. */
    private int outstanding;

    private volatile boolean stopped;
    private volatile Progress progress = new Progress(0, 0, 0);

    /** Opens the sockets. */
    public NumberedSender(SendPlan plan) throws IOException {
        this.plan = plan;
        this.record = new SendRecord(plan);
        this.sizes = plan.sizes().draw();
        this.selector = Selector.open();
        this.sockets = new ClientSockets(plan, selector);
        sockets.addresses().forEach(record::client);
    }

    /** How far it is; at most a few milliseconds old. */
    public Progress progress() {
        return progress;
    }

    /** Ends the run before its count is reached; replies are still waited for. */
    public void stop() {
        stopped = true;
    }

    /** Does the work and closes the sockets. Throws if a socket fails: then the run says nothing about the director. */
    public SendRecord run() throws IOException {
        try (selector;
                sockets) {
            switch (plan.pacing()) {
                case Pacing.OpenLoop(int perSecond) -> sendByTheClock(perSecond);
                case Pacing.ClosedLoop closed -> sendByReplies(closed);
            }
            linger();
            record.kernelDrops = record.clients().isEmpty() ? 0 : KernelDrops.sum(record.clients());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            publish();
        }
        return record;
    }

    private void sendByTheClock(int perSecond) throws IOException {
        double intervalNanos = 1e9 / perSecond;
        long giveUpNanos = Math.max(plan.linger().toNanos(), 1);
        long epoch = System.nanoTime();
        long epochSent = 0;
        while (!done()) {
            long now = System.nanoTime();
            long due = (long) ((now - epoch) / intervalNanos) + 1 - (total() - epochSent);
            if (due > Pacing.OpenLoop.MAX_CATCH_UP) {
                due = Pacing.OpenLoop.MAX_CATCH_UP;
                epoch = now;
                epochSent = total() + due - 1;
            }
            for (long i = 0; i < due && !done(); i++) send();
            if (plan.repliesPerRequest() > 0) selector.selectNow(this::receive);
            giveUp(now, giveUpNanos);
            publish();
            LockSupport.parkNanos(IDLE_NANOS);
        }
    }

    private void sendByReplies(Pacing.ClosedLoop loop) throws IOException {
        while (!done()) {
            while (outstanding < loop.outstanding() && !done()) send();
            selector.select(this::receive, IDLE_MILLIS);
            giveUp(System.nanoTime(), loop.giveUp().toNanos());
            publish();
        }
    }

    private void linger() throws IOException {
        if (plan.repliesPerRequest() == 0) return;
        long end = System.nanoTime() + plan.linger().toNanos();
        while (System.nanoTime() - end < 0 && record.complete() < record.sent()) {
            selector.select(this::receive, IDLE_MILLIS);
            publish();
        }
        selector.selectNow(this::receive);
    }

    private long total() {
        return (long) record.sent() + record.shorts();
    }

    private boolean done() {
        return stopped || total() >= plan.count();
    }

    private void send() throws IOException {
        int sequence = record.sent();
        int length = sizes.next();
        ClientSockets.Client client = sockets.pick(sequence);
        long now = System.nanoTime();
        payload.write(outgoing, plan.run(), client.number(), sequence, now, length);
        while (client.socket().send(outgoing, plan.target()) == 0 && length > 0) {
            record.blocked++;
            LockSupport.parkNanos(IDLE_NANOS);
        }
        if (length < Payload.HEADER_BYTES) {
            record.noteShort(length);
            return;
        }
        record.noteSent(now, length);
        if (plan.repliesPerRequest() == 0) sockets.release(sequence);
        else outstanding++;
    }

    private void receive(SelectionKey key) {
        ClientSockets.Client client = (ClientSockets.Client) key.attachment();
        try {
            for (int i = 0; i < RECEIVE_BATCH && client.socket().isOpen(); i++) {
                incoming.clear();
                InetSocketAddress from = (InetSocketAddress) client.socket().receive(incoming);
                if (from == null) return;
                incoming.flip();
                judge(client, from);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void judge(ClientSockets.Client client, InetSocketAddress from) throws IOException {
        if (!from.equals(plan.target())) {
            record.strangeReplies++;
            if (record.firstStranger == null) record.firstStranger = from;
            return;
        }
        switch (payload.judge(incoming)) {
            case SOUND -> reply(client);
            case SHORT -> record.shortReplies++;
            case FOREIGN -> record.foreignReplies++;
            case DAMAGED -> record.damagedReplies++;
        }
    }

    private void reply(ClientSockets.Client client) throws IOException {
        if (Payload.run(incoming) != plan.run()) {
            record.foreignReplies++;
            return;
        }
        if (Payload.client(incoming) != client.number()) {
            record.misdelivered++;
            return;
        }
        long sequence = Payload.sequence(incoming);
        if (!record.noteReply(sequence, System.nanoTime())) return;
        if (sequence >= oldestOpen) outstanding--;
        sockets.release(sequence);
    }

    /** Moves past requests that were answered in full or have waited long enough. */
    private void giveUp(long nowNanos, long afterNanos) throws IOException {
        while (oldestOpen < record.sent()) {
            if (!record.answeredInFull(oldestOpen)) {
                if (nowNanos - record.sentNanos(oldestOpen) < afterNanos) return;
                outstanding--;
                sockets.release(oldestOpen);
            }
            oldestOpen++;
        }
    }

    private void publish() {
        progress = new Progress(record.sent(), record.answered(), record.replies());
    }
}
