package io.evenkeel.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.evenkeel.linux.NetlinkReply.Answer;
import io.evenkeel.linux.NetlinkReply.Refusal;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Requests and their answers, matched by sequence number. An answer that comes after we gave up on it is
 * passed over. Owned by one thread.
 */
final class NetlinkExchange {
    /** The kernel answers before the request has been sent; longer than this means that it never will. */
    private static final int PATIENCE_MILLIS = 1_000;

    /** Tries of a dump that the kernel says was not of one instant. */
    static final int DUMP_TRIES = 8;

    /** More entries than this in one table are refused. */
    private static final int MAX_ENTRIES = 1 << 20;

    private static final long ERROR_BYTES = Layouts.NLMSGERR.byteSize();

    /** Reads the answer a message is; null if it cannot be read. */
    interface Reader<T> {
        @Nullable
        T read(NetlinkMessages messages);
    }

    /** Where answers come from. */
    interface Blocks {
        /** Waits for a block: its bytes, or {@code -errno}; −ETIMEDOUT if none comes. */
        int await(int patienceMillis);

        /** What was awaited last. */
        MemorySegment block();
    }

    private final Blocks blocks;
    private int sequence;

    NetlinkExchange(Blocks blocks) {
        this.blocks = blocks;
    }

    /** For the next request. */
    int nextSequence() {
        return ++sequence;
    }

    /**
     * Awaits the one message that answers the request just sent.
     *
     * @param sent what the sending answered
     */
    <T> NetlinkReply<T> ask(int sent, Reader<T> reader) {
        if (sent < 0) return refused(-sent, "");
        while (true) {
            int bytes = blocks.await(PATIENCE_MILLIS);
            if (bytes < 0) return refused(-bytes, "");
            NetlinkMessages messages = new NetlinkMessages(blocks.block(), bytes);
            while (messages.next()) {
                if (messages.sequence() != sequence) continue;
                if (messages.type() == Rtnetlink.NLMSG_ERROR) return new Refusal<>(error(messages));
                T value = reader.read(messages);
                return value == null ? refused(Errno.EPROTO, "unreadable answer") : new Answer<>(value);
            }
        }
    }

    /** Awaits the acknowledgement of the request just sent; empty if it was done. */
    Optional<NetlinkError> command(int sent) {
        NetlinkReply<Boolean> reply = ask(sent, _ -> null);
        return switch (reply) {
            case Answer<Boolean> _ -> Optional.empty();
            case Refusal<Boolean>(NetlinkError error) -> error.errno() == 0 ? Optional.empty() : Optional.of(error);
        };
    }

    /**
     * Reads a whole table, again if it changed meanwhile, at most {@link #DUMP_TRIES} times.
     *
     * @param request sends the request, answers 0 or {@code -errno}
     */
    NetlinkReply<List<NetworkChange>> dump(IntSupplier request) {
        return dump(request, messages -> {
            NetworkChange entry = NetworkMessages.read(messages);
            return entry instanceof NetworkChange.Unreadable ? null : entry;
        });
    }

    /** As {@link #dump(IntSupplier)}, of a table whose entries {@code reader} reads. */
    <T> NetlinkReply<List<T>> dump(IntSupplier request, Reader<T> reader) {
        for (int i = 0; i < DUMP_TRIES; i++) {
            int sent = request.getAsInt();
            if (sent < 0) return refused(-sent, "");
            Dump<T> dump = new Dump<>(reader);
            while (!dump.ended) {
                int bytes = blocks.await(PATIENCE_MILLIS);
                if (bytes < 0) return refused(-bytes, "");
                dump.take(bytes);
            }
            if (dump.error != null) return new Refusal<>(dump.error);
            if (!dump.interrupted) return new Answer<>(dump.entries);
        }
        return refused(Errno.EAGAIN, "the table changed during each of " + DUMP_TRIES + " readings");
    }

    /** One reading of a table. It is read to its end whatever it holds, since the socket can have one at a time. */
    private final class Dump<T> {
        private final Reader<T> reader;
        private final List<T> entries = new ArrayList<>();
        private boolean interrupted;
        private boolean ended;
        private @Nullable NetlinkError error;

        Dump(Reader<T> reader) {
            this.reader = reader;
        }

        void take(int bytes) {
            NetlinkMessages messages = new NetlinkMessages(blocks.block(), bytes);
            while (!ended && messages.next()) {
                if (messages.sequence() != sequence) continue;
                interrupted |= (messages.flags() & Rtnetlink.NLM_F_DUMP_INTR) != 0;
                switch (messages.type()) {
                    case Rtnetlink.NLMSG_ERROR -> end(error(messages));
                    case Rtnetlink.NLMSG_DONE -> end(doneError(messages));
                    default -> add(messages);
                }
            }
            if (messages.broken()) end(new NetlinkError(Errno.EPROTO, "unreadable answer"));
        }

        private void end(@Nullable NetlinkError why) {
            ended = true;
            if (error == null) error = why;
        }

        private void add(NetlinkMessages messages) {
            T entry = reader.read(messages);
            if (entry == null) {
                error = new NetlinkError(Errno.EPROTO, "unreadable entry");
            } else if (entries.size() == MAX_ENTRIES) {
                error = new NetlinkError(Errno.EMSGSIZE, "more than " + MAX_ENTRIES + " entries");
            } else {
                entries.add(entry);
            }
        }
    }

    private static <T> NetlinkReply<T> refused(int errno, String explanation) {
        return new Refusal<>(new NetlinkError(errno, explanation));
    }

    /** NLMSG_ERROR: the errno, 0 for an acknowledgement, and what the kernel adds in words. */
    static NetlinkError error(NetlinkMessages messages) {
        if (messages.payloadBytes() < ERROR_BYTES) return new NetlinkError(Errno.EPROTO, "unreadable error");
        int errno = -messages.memory().get(JAVA_INT_UNALIGNED, messages.payload());
        if (errno < 0) return new NetlinkError(Errno.EPROTO, "unreadable error");
        int flags = messages.flags();
        // Without NLM_F_CAPPED the whole request stands between the error and the words; we ask for it capped.
        boolean words = (flags & Rtnetlink.NLM_F_ACK_TLVS) != 0 && (flags & Rtnetlink.NLM_F_CAPPED) != 0;
        return new NetlinkError(errno, words ? words(messages.attributes(ERROR_BYTES)) : "");
    }

    /** NLMSG_DONE: an errno if the dump failed half-way, else 0. */
    private static @Nullable NetlinkError doneError(NetlinkMessages messages) {
        if (messages.payloadBytes() < 4) return null;
        int errno = -messages.memory().get(JAVA_INT_UNALIGNED, messages.payload());
        if (errno == 0) return null;
        boolean words = (messages.flags() & Rtnetlink.NLM_F_ACK_TLVS) != 0;
        return new NetlinkError(Math.max(errno, 1), words ? words(messages.attributes(4)) : "");
    }

    private static String words(NetlinkAttributes attributes) {
        String words = "";
        while (attributes.next()) {
            if (attributes.type() == Rtnetlink.NLMSGERR_ATTR_MSG) words = attributes.text();
        }
        return words;
    }
}
