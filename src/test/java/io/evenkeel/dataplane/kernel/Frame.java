package io.evenkeel.dataplane.kernel;

import io.evenkeel.model.Endpoint;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * An Ethernet frame with IPv4 and UDP, for test runs: every oddity is a setter, and what is not said is right. Checksums
 * are made from the whole, never by what changed.
 */
final class Frame {
    private static final int ETHERNET = 14;
    private static final int UDP = 8;

    private String destinationMac = "02:00:00:00:00:01";
    private String sourceMac = "02:00:00:00:00:02";
    private Endpoint from = endpoint("198.18.0.1:40000");
    private Endpoint to = endpoint("198.18.0.2:514");
    private int hops = 64;
    private int fragment;
    private int options;
    private int type = 0x0800;
    private int protocol = 17;
    private boolean checksum = true;
    private int ipLengthMore;
    private int udpLengthMore;
    private byte[] payload = "account for every packet".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    static Endpoint endpoint(String text) {
        return Endpoint.parse(text).orElseThrow();
    }

    Frame macs(String destination, String source) {
        destinationMac = destination;
        sourceMac = source;
        return this;
    }

    Frame from(String endpoint) {
        from = endpoint(endpoint);
        return this;
    }

    Frame to(String endpoint) {
        to = endpoint(endpoint);
        return this;
    }

    Frame hops(int count) {
        hops = count;
        return this;
    }

    /** The 16 bits of flags and offset. */
    Frame fragment(int bits) {
        fragment = bits;
        return this;
    }

    /** Words of IP options, all no-operations. */
    Frame options(int words) {
        options = words;
        return this;
    }

    Frame type(int etherType) {
        type = etherType;
        return this;
    }

    Frame protocol(int number) {
        protocol = number;
        return this;
    }

    Frame withoutChecksum() {
        checksum = false;
        return this;
    }

    /** The IP header claims so many bytes more than there are. */
    Frame ipLengthMore(int bytes) {
        ipLengthMore = bytes;
        return this;
    }

    /** The UDP header claims so many bytes more than there are. */
    Frame udpLengthMore(int bytes) {
        udpLengthMore = bytes;
        return this;
    }

    Frame payload(byte[] bytes) {
        payload = bytes.clone();
        return this;
    }

    byte[] bytes() {
        int header = 20 + 4 * options;
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET + header + UDP + payload.length);
        frame.put(mac(destinationMac)).put(mac(sourceMac)).putShort((short) type);
        frame.put((byte) (0x40 | header / 4)).put((byte) 0);
        frame.putShort((short) (header + UDP + payload.length + ipLengthMore));
        frame.putShort((short) 0x1234).putShort((short) fragment);
        frame.put((byte) hops).put((byte) protocol).putShort((short) 0);
        frame.put(from.address().toBytes()).put(to.address().toBytes());
        for (int i = 0; i < 4 * options; i++) frame.put((byte) 1);
        frame.putShort((short) from.port()).putShort((short) to.port());
        frame.putShort((short) (UDP + payload.length + udpLengthMore)).putShort((short) 0);
        frame.put(payload);
        frame.putShort(ETHERNET + 10, (short) sum(frame, ETHERNET, header, 0));
        if (checksum) {
            int udp = ETHERNET + header;
            int length = UDP + payload.length;
            int made = sum(frame, udp, length, pseudo(frame, length + udpLengthMore));
            frame.putShort(udp + 6, (short) (made == 0 ? 0xffff : made));
        }
        return frame.array();
    }

    private int pseudo(ByteBuffer frame, int length) {
        int sum = 17 + length;
        for (int i = 0; i < 8; i += 2) sum += frame.getShort(ETHERNET + 12 + i) & 0xffff;
        return sum;
    }

    private static int sum(ByteBuffer frame, int from, int length, int first) {
        int sum = first;
        for (int i = 0; i < length; i++) {
            int octet = frame.get(from + i) & 0xff;
            sum += i % 2 == 0 ? octet << 8 : octet;
        }
        while (sum >>> 16 != 0) sum = (sum & 0xffff) + (sum >>> 16);
        return ~sum & 0xffff;
    }

    static byte[] mac(String text) {
        return HexFormat.ofDelimiter(":").parseHex(text);
    }
}
