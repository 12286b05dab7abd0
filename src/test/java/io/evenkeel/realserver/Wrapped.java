package io.evenkeel.realserver;

import io.evenkeel.model.IpAddress;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Builds packets header by header, from the inside out, with right lengths and checksums; tests then spoil them. */
final class Wrapped {
    static final int TYPE_4 = 0x0800;
    static final int TYPE_6 = 0x86dd;
    static final int ETHERNET = 14;
    static final int HOPS = 61;

    private Wrapped() {}

    static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) length += part.length;
        ByteBuffer all = ByteBuffer.allocate(length);
        for (byte[] part : parts) all.put(part);
        return all.array();
    }

    /** Addressed to nobody's MAC, which is that of the loopback device that test runs come in on. */
    static byte[] ethernet(int type, byte[] packet) {
        return ethernet("00:00:00:00:00:00", "02:00:00:00:00:01", type, packet);
    }

    static byte[] ethernet(String to, String from, int type, byte[] packet) {
        byte[] types = {(byte) (type >>> 8), (byte) type};
        HexFormat hex = HexFormat.ofDelimiter(":");
        return join(hex.parseHex(to), hex.parseHex(from), types, packet);
    }

    /** Ethernet in front of IPv4 or IPv6. */
    static byte[] frame(byte[] packet) {
        return ethernet(packet[0] >>> 4 == 6 ? TYPE_6 : TYPE_4, packet);
    }

    /** A header of IPv4 or IPv6, by the family of the addresses, and what it carries. */
    static byte[] ip(String from, String to, int protocol, byte[] payload) {
        return ip(from, to, protocol, 0, payload);
    }

    static byte[] ip(String from, String to, int protocol, int tos, byte[] payload) {
        IpAddress source = IpAddress.of(from);
        if (source.v6()) {
            ByteBuffer header = ByteBuffer.allocate(40);
            header.putInt(0x6000_0000 | tos << 20 | 0x12345).putShort((short) payload.length);
            header.put((byte) protocol).put((byte) HOPS);
            header.put(source.toBytes()).put(IpAddress.of(to).toBytes());
            return join(header.array(), payload);
        }
        return v4(source, IpAddress.of(to), protocol, tos, 0x4000, new byte[0], payload);
    }

    /**
     * @param fragment the 16 bits of flags and offset
     * @param options a multiple of 4 bytes
     */
    static byte[] v4(
            IpAddress from, IpAddress to, int protocol, int tos, int fragment, byte[] options, byte[] payload) {
        int bytes = 20 + options.length;
        ByteBuffer header = ByteBuffer.allocate(bytes);
        header.put((byte) (0x40 | bytes / 4)).put((byte) tos).putShort((short) (bytes + payload.length));
        header.putShort((short) 0x4711).putShort((short) fragment);
        header.put((byte) HOPS).put((byte) protocol).putShort((short) 0);
        header.put(from.toBytes()).put(to.toBytes()).put(options);
        header.putShort(10, (short) ~sum(header.array(), 0));
        return join(header.array(), payload);
    }

    /** A datagram between two addresses, with its checksum. */
    static byte[] datagram(String from, int fromPort, String to, int toPort, byte[] payload) {
        return datagram(from, fromPort, to, toPort, 0, payload);
    }

    static byte[] datagram(String from, int fromPort, String to, int toPort, int tos, byte[] payload) {
        byte[] udp = udp(fromPort, toPort, payload);
        byte[] pseudo = join(IpAddress.of(from).toBytes(), IpAddress.of(to).toBytes(), new byte[] {
            0, 17, (byte) (udp.length >>> 8), (byte) udp.length
        });
        int check = ~sum(udp, sum(pseudo, 0)) & 0xffff;
        ByteBuffer.wrap(udp).putShort(6, (short) (check == 0 ? 0xffff : check));
        return ip(from, to, 17, tos, udp);
    }

    /** A UDP header without checksum, and what it carries. */
    static byte[] udp(int fromPort, int toPort, byte[] payload) {
        ByteBuffer udp = ByteBuffer.allocate(8 + payload.length);
        udp.putShort((short) fromPort).putShort((short) toPort).putShort((short) (8 + payload.length));
        return udp.putShort((short) 0).put(payload).array();
    }

    static byte[] gre(int flags, int type, byte[] packet) {
        ByteBuffer gre = ByteBuffer.allocate(4).putShort((short) flags).putShort((short) type);
        return join(gre.array(), packet);
    }

    static byte[] greWithChecksum(int type, byte[] packet) {
        byte[] all = join(gre(0x8000, type, new byte[4]), packet);
        ByteBuffer.wrap(all).putShort(4, (short) ~sum(all, 0));
        return all;
    }

    /** GUE's version 0. */
    static byte[] gue(int first, int protocol, int flags, byte[] packet) {
        return join(new byte[] {(byte) first, (byte) protocol, (byte) (flags >>> 8), (byte) flags}, packet);
    }

    /** One's complement sum of 16-bit words, folded. */
    private static int sum(byte[] bytes, int before) {
        int sum = before;
        for (int i = 0; i < bytes.length; i++) sum += i % 2 == 0 ? (bytes[i] & 255) << 8 : bytes[i] & 255;
        while (sum >>> 16 != 0) sum = (sum & 0xffff) + (sum >>> 16);
        return sum;
    }
}
