package io.evenkeel.dataplane.socket;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** What test datagrams carry: client (4), sequence (8), CRC-32C of all but itself (4), filler that depends on both. */
final class Payload {
    private Payload() {}

    static final int HEADER = 16;

    /** Writes a datagram of {@code length} bytes into the buffer, ready to be read; short ones are filler only. */
    static void write(ByteBuffer into, int client, long sequence, int length) {
        into.clear();
        for (int i = 0; i < length; i++) into.put(i, (byte) (sequence * 31 + i + client));
        into.limit(length);
        if (length < HEADER) return;
        into.putInt(0, client).putLong(4, sequence).putInt(12, 0);
        into.putInt(12, checksum(into));
    }

    static int client(ByteBuffer datagram) {
        return datagram.getInt(0);
    }

    static long sequence(ByteBuffer datagram) {
        return datagram.getLong(4);
    }

    static boolean intact(ByteBuffer datagram) {
        return datagram.getInt(12) == checksum(datagram);
    }

    private static int checksum(ByteBuffer datagram) {
        CRC32C crc = new CRC32C();
        crc.update(datagram.duplicate().limit(12));
        crc.update(datagram.duplicate().position(HEADER));
        return (int) crc.getValue();
    }
}
