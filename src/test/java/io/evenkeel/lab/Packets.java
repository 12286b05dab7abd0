package io.evenkeel.lab;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Builds IPv4 packets by hand (RFC 791, 768, 792), for what a well-behaved sender never sends. */
public final class Packets {
    private static final int IP_HEADER = 20;
    private static final int UDP_HEADER = 8;
    private static final int UDP = 17;
    private static final int ICMP = 1;
    private static final int MORE_FRAGMENTS = 0x2000;
    private static final int TTL = 64;

    private Packets() {}

    /** A UDP datagram with its checksum, without an IP header. */
    public static byte[] udp(InetSocketAddress from, InetSocketAddress to, byte[] payload) {
        ByteBuffer datagram = ByteBuffer.allocate(UDP_HEADER + payload.length);
        datagram.putShort((short) from.getPort())
                .putShort((short) to.getPort())
                .putShort((short) datagram.capacity())
                .putShort((short) 0)
                .put(payload);
        ByteBuffer pseudo = ByteBuffer.allocate(12 + datagram.capacity());
        pseudo.put(from.getAddress().getAddress()).put(to.getAddress().getAddress());
        pseudo.put((byte) 0)
                .put((byte) UDP)
                .putShort((short) datagram.capacity())
                .put(datagram.array());
        int sum = checksum(pseudo.array());
        datagram.putShort(6, (short) (sum == 0 ? 0xffff : sum));
        return datagram.array();
    }

    /** The packets that carry a datagram through a link of this MTU, in order. */
    public static List<byte[]> fragments(InetAddress from, InetAddress to, int id, byte[] datagram, int mtu) {
        int most = (mtu - IP_HEADER) / 8 * 8;
        List<byte[]> packets = new ArrayList<>();
        for (int at = 0; at < datagram.length; at += most) {
            int length = Math.min(most, datagram.length - at);
            int flags = at + length < datagram.length ? MORE_FRAGMENTS : 0;
            byte[] part = new byte[length];
            System.arraycopy(datagram, at, part, 0, length);
            packets.add(ip(from, to, UDP, id, flags | at / 8, part));
        }
        return packets;
    }

    /**
     * A port unreachable error as host {@code from} would send it about a UDP datagram.
     *
     * @param quotedFrom source of the datagram it complains about; the error goes to its address
     * @param quotedTo destination of that datagram
     */
    public static byte[] portUnreachable(InetAddress from, InetSocketAddress quotedFrom, InetSocketAddress quotedTo) {
        byte[] quoted =
                ip(quotedFrom.getAddress(), quotedTo.getAddress(), UDP, 1, 0, udp(quotedFrom, quotedTo, new byte[28]));
        ByteBuffer header = ByteBuffer.wrap(quoted);
        header.putShort(10, (short) checksum(java.util.Arrays.copyOf(quoted, IP_HEADER)));
        int length = IP_HEADER + UDP_HEADER;
        ByteBuffer error = ByteBuffer.allocate(8 + length);
        error.put((byte) 3).put((byte) 3).putShort((short) 0).putInt(0).put(quoted, 0, length);
        error.putShort(2, (short) checksum(error.array()));
        return ip(from, quotedFrom.getAddress(), ICMP, 2, 0, error.array());
    }

    private static byte[] ip(InetAddress from, InetAddress to, int protocol, int id, int fragment, byte[] payload) {
        ByteBuffer packet = ByteBuffer.allocate(IP_HEADER + payload.length);
        packet.put((byte) 0x45).put((byte) 0).putShort((short) packet.capacity());
        packet.putShort((short) id).putShort((short) fragment);
        packet.put((byte) TTL).put((byte) protocol).putShort((short) 0);
        packet.put(from.getAddress()).put(to.getAddress()).put(payload);
        return packet.array();
    }

    /** RFC 1071. */
    private static int checksum(byte[] bytes) {
        long sum = 0;
        for (int i = 0; i < bytes.length; i += 2) {
            int low = i + 1 < bytes.length ? bytes[i + 1] & 0xff : 0;
            sum += (bytes[i] & 0xff) << 8 | low;
        }
        while (sum >>> 16 != 0) sum = (sum & 0xffff) + (sum >>> 16);
        return (int) ~sum & 0xffff;
    }
}
