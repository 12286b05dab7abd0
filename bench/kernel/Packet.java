package io.evenkeel.dataplane.kernel;

import io.evenkeel.model.Endpoint;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** Frames of 64 octets, UDP or TCP, IPv4 (which may not be cut) or IPv6. The UDP or TCP checksum is one that
 * nobody on these ways verifies. */
final class Packet {
    static final String DIRECTOR_MAC = "020000000001";
    private static final String CLIENT_MAC = "020000000002";
    static final int SYN = 0x02;
    static final int ACK = 0x10;

    private Packet() {}

    static byte[] udp(String from, String to) {
        return udp(from, to, DIRECTOR_MAC, CLIENT_MAC);
    }

    static byte[] udp(String from, String to, String toMac, String fromMac) {
        Endpoint source = Endpoint.parse(from).orElseThrow();
        Endpoint destination = Endpoint.parse(to).orElseThrow();
        ByteBuffer frame = network(source, destination, 17, toMac, fromMac);
        ports(frame, source, destination);
        frame.putShort((short) (frame.capacity() - frame.position() + 4)).putShort((short) 0x4321);
        return frame.array();
    }

    static byte[] tcp(String from, String to, int flags) {
        Endpoint source = Endpoint.parse(from).orElseThrow();
        Endpoint destination = Endpoint.parse(to).orElseThrow();
        ByteBuffer frame = network(source, destination, 6, DIRECTOR_MAC, CLIENT_MAC);
        ports(frame, source, destination);
        frame.putInt(1).putInt(1).put((byte) 0x50).put((byte) flags).putShort((short) 1_000);
        frame.putShort((short) 0x4321).putShort((short) 0);
        return frame.array();
    }

    private static void ports(ByteBuffer frame, Endpoint source, Endpoint destination) {
        frame.putShort((short) source.port()).putShort((short) destination.port());
    }

    private static ByteBuffer network(
            Endpoint source, Endpoint destination, int protocol, String toMac, String fromMac) {
        boolean v6 = source.address().v6();
        ByteBuffer frame = ByteBuffer.allocate(Wrapper.FRAME_BYTES);
        frame.put(mac(toMac)).put(mac(fromMac)).putShort((short) (v6 ? 0x86dd : 0x0800));
        if (v6) {
            frame.putInt(0x6000_0000).putShort((short) (Wrapper.FRAME_BYTES - 14 - 40));
            frame.put((byte) protocol).put((byte) 64);
        } else {
            frame.putShort((short) 0x4500).putShort((short) (Wrapper.FRAME_BYTES - 14));
            frame.putShort((short) 1).putShort((short) 0x4000);
            frame.put((byte) 64).put((byte) protocol).putShort((short) 0);
        }
        frame.put(source.address().toBytes()).put(destination.address().toBytes());
        return v6 ? frame : frame.putShort(14 + 10, sum(frame));
    }

    /** Of the IPv4 header, which the kernel's own forwarding looks at. */
    private static short sum(ByteBuffer frame) {
        int sum = 0;
        for (int at = 14; at < 14 + 20; at += 2) sum += frame.getShort(at) & 0xffff;
        while (sum >>> 16 != 0) sum = (sum & 0xffff) + (sum >>> 16);
        return (short) ~sum;
    }

    static byte[] mac(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
