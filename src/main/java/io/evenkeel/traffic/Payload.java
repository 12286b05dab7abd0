package io.evenkeel.traffic;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The wire truth of our test datagrams: a 36-byte header in network order, then filler up to the wanted length.
 *
 * <pre>
 *  0               4               8              12              16
 *  +---------------+---------------+---------------+---------------+
 *  |     magic     |      run      |    client     |   sequence    |
 *  +---------------+---------------+---------------+---------------+
 *  |  (64 bits)    |      sent, nanoseconds        |    length     |
 *  +---------------+---------------+---------------+---------------+
 *  |    CRC-32C    |  filler ...
 *  +---------------+
 * </pre>
 *
 * A sequence number is unique within a run; a client is one socket of the run. The checksum covers all of the datagram
 * with its own field taken as zero, so that a merged, split, truncated or altered datagram is seen. Not thread-safe: one
 * instance per thread.
 */
public final class Payload {
    /** Shorter datagrams carry no header and can only be counted. */
    public static final int HEADER_BYTES = 36;

    /** The longest UDP payload over IPv4: 65,535 less an IPv4 header of 20 and a UDP header of 8. */
    public static final int MAX_BYTES = 65_507;

    private static final int MAGIC = 0x454b_4e31;
    private static final int RUN_AT = 4;
    private static final int CLIENT_AT = 8;
    private static final int SEQUENCE_AT = 12;
    private static final int SENT_AT = 20;
    private static final int LENGTH_AT = 28;
    private static final int CRC_AT = 32;

    /** What a received datagram turned out to be. */
    public enum Finding {
        /** Ours, whole and unaltered. */
        SOUND,
        /** Too short for a header. */
        SHORT,
        /** Somebody else's. */
        FOREIGN,
        /** Ours once, but its length or checksum is wrong. */
        DAMAGED
    }

    private final CRC32C crc = new CRC32C();

    /** Fills a buffer with the filler that every datagram of this program carries behind its header. */
    public static ByteBuffer newBuffer() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_BYTES + 1);
        for (int i = 0; i < buffer.capacity(); i++) buffer.put(i, (byte) (i * 31 + (i >>> 8)));
        return buffer;
    }

    /**
     * Writes a datagram of {@code length} bytes at the start of {@code buffer} and leaves it ready to be sent. Below
     * {@link #HEADER_BYTES} only filler is sent.
     */
    public void write(ByteBuffer buffer, int run, int client, long sequence, long sentNanos, int length) {
        buffer.clear().limit(length);
        if (length < HEADER_BYTES) return;
        buffer.putInt(0, MAGIC)
                .putInt(RUN_AT, run)
                .putInt(CLIENT_AT, client)
                .putLong(SEQUENCE_AT, sequence)
                .putLong(SENT_AT, sentNanos)
                .putInt(LENGTH_AT, length)
                .putInt(CRC_AT, 0);
        buffer.putInt(CRC_AT, checksum(buffer));
    }

    /** Judges the datagram between 0 and the buffer's limit. The buffer's position is left at 0. */
    public Finding judge(ByteBuffer buffer) {
        buffer.rewind();
        int length = buffer.limit();
        if (length < HEADER_BYTES) return Finding.SHORT;
        if (buffer.getInt(0) != MAGIC) return Finding.FOREIGN;
        if (buffer.getInt(LENGTH_AT) != length) return Finding.DAMAGED;
        int carried = buffer.getInt(CRC_AT);
        buffer.putInt(CRC_AT, 0);
        int computed = checksum(buffer);
        buffer.putInt(CRC_AT, carried);
        return carried == computed ? Finding.SOUND : Finding.DAMAGED;
    }

    public static int run(ByteBuffer buffer) {
        return buffer.getInt(RUN_AT);
    }

    public static int client(ByteBuffer buffer) {
        return buffer.getInt(CLIENT_AT);
    }

    public static long sequence(ByteBuffer buffer) {
        return buffer.getLong(SEQUENCE_AT);
    }

    /** System.nanoTime of the sender; comparable between processes of one machine. */
    public static long sentNanos(ByteBuffer buffer) {
        return buffer.getLong(SENT_AT);
    }

    private int checksum(ByteBuffer buffer) {
        crc.reset();
        crc.update(buffer);
        buffer.rewind();
        return (int) crc.getValue();
    }
}
