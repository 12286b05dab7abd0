package io.evenkeel.traffic;

import io.evenkeel.linux.MessageBatch;
import io.evenkeel.linux.SocketAddress;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/** Puts addresses of the JDK into messages of the kernel. */
final class Wire {
    private Wire() {}

    /** Makes {@code address} and {@code port} the destination of a message. */
    static void destination(MessageBatch batch, int message, InetAddress address, int port) {
        byte[] bytes = address.getAddress();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        boolean v6 = bytes.length == 16;
        long high = v6 ? buffer.getLong(0) : 0;
        long low = v6 ? buffer.getLong(8) : Integer.toUnsignedLong(buffer.getInt(0));
        int length = SocketAddress.put(batch.names(), batch.nameOffset(message), v6, high, low, port, 0);
        batch.nameLength(message, length);
    }
}
