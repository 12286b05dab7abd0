package io.evenkeel.dataplane.kernel;

import io.evenkeel.model.Endpoint;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * An Ethernet frame with IPv4 or IPv6 and UDP or TCP, for test runs: every oddity is a setter, and what is not said is
 * right. Checksums are made from the whole, never by what changed.
 */
final class Frame {
    static final int FIN = 1;
    static final int SYN = 2;
    static final int RST = 4;
    static final int PSH = 8;
    static final int ACK = 16;

    static final int HOP_BY_HOP = 0;
    static final int ROUTING = 43;
    static final int DESTINATION_OPTIONS = 60;

    private static final int ETHERNET = 14;
    private static final int IPV6 = 40;
    private static final int FRAGMENT = 44;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int SEQUENCE = 0x0102_0304;

    /** One header between IPv6 and its payload: all of it but its first octet, which names the next. */
    private static final class Extension {
        final int type;
        final byte[] rest;

        Extension(int type, byte[] rest) {
            this.type = type;
            this.rest = rest;
        }
    }

    private String destinationMac = "02:00:00:00:00:01";
    private String sourceMac = "02:00:00:00:00:02";
    private Endpoint from = endpoint("198.18.0.1:40000");
    private Endpoint to = endpoint("198.18.0.2:514");
    private int hops = 64;
    private int fragment;
    private int options;
    private int type = -1; // as the family says
    private int protocol = -1; // as the transport says
    private int tcpFlags = -1; // no TCP
    private int dataOffset = 5;
    private int tcpOptions;
    private boolean checksum = true;
    private int ipLengthMore;
    private int udpLengthMore;
    private int trafficClass;
    private int trailer;
    private List<Extension> extensions = List.of();
    private byte[] payload = "account for every packet".getBytes(StandardCharsets.US_ASCII);

    static Endpoint endpoint(String text) {
        return Endpoint.parse(text).orElseThrow();
    }

    /** Between 2001:db8::1 and the virtual service [2001:db8::2]:514. */
    static Frame v6() {
        return new Frame().from("[2001:db8::1]:40000").to("[2001:db8::2]:514");
    }

    Frame copy() {
        Frame copy = new Frame();
        copy.destinationMac = destinationMac;
        copy.sourceMac = sourceMac;
        copy.from = from;
        copy.to = to;
        copy.hops = hops;
        copy.fragment = fragment;
        copy.options = options;
        copy.type = type;
        copy.protocol = protocol;
        copy.tcpFlags = tcpFlags;
        copy.dataOffset = dataOffset;
        copy.tcpOptions = tcpOptions;
        copy.checksum = checksum;
        copy.ipLengthMore = ipLengthMore;
        copy.udpLengthMore = udpLengthMore;
        copy.trafficClass = trafficClass;
        copy.trailer = trailer;
        copy.extensions = extensions;
        copy.payload = payload;
        return copy;
    }

    /** What the frame looks like after one hop: everything but addresses and ports as the rig's ways say. */
    Frame hopped(String destinationMac) {
        return copy().hops(hops - 1).macs(destinationMac, ProgramRig.OUT_MAC);
    }

    Frame macs(String destination, String source) {
        destinationMac = destination;
        sourceMac = source;
        return this;
    }

    Frame from(String endpoint) {
        return from(endpoint(endpoint));
    }

    Frame from(Endpoint endpoint) {
        from = endpoint;
        return this;
    }

    Frame to(String endpoint) {
        return to(endpoint(endpoint));
    }

    Frame to(Endpoint endpoint) {
        to = endpoint;
        return this;
    }

    Frame hops(int count) {
        hops = count;
        return this;
    }

    /** IPv4's 16 bits of flags and offset. */
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

    /** The number in the IP header, whatever follows. */
    Frame protocol(int number) {
        protocol = number;
        return this;
    }

    /** TCP with these flags instead of UDP. */
    Frame tcp(int flags) {
        tcpFlags = flags;
        return this;
    }

    /** Words of TCP options, all no-operations; the data offset says so. */
    Frame tcpOptions(int words) {
        tcpOptions = words;
        dataOffset = 5 + words;
        return this;
    }

    /** What the TCP header says of its length, in words. */
    Frame dataOffset(int words) {
        dataOffset = words;
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

    Frame trafficClass(int octet) {
        trafficClass = octet;
        return this;
    }

    /** Bytes behind the packet, as a short one has on a wire. */
    Frame trailer(int bytes) {
        trailer = bytes;
        return this;
    }

    /** A further extension header of IPv6 with so many units of 8 octets, filled by padding. */
    Frame extension(int header, int units) {
        byte[] rest = new byte[8 * units - 1];
        rest[0] = (byte) (units - 1);
        if (header != ROUTING) {
            int left = rest.length - 1;
            for (int at = 1; left > 0; ) {
                int pad = Math.min(257, left);
                if (pad == 1) break; // Pad1
                rest[at] = 1;
                rest[at + 1] = (byte) (pad - 2);
                at += pad;
                left -= pad;
            }
        }
        return extension(header, rest);
    }

    /** A routing header with so many segments left. */
    Frame routing(int segmentsLeft) {
        return extension(ROUTING, new byte[] {
            2, 4, (byte) segmentsLeft, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
        });
    }

    /** The fragment header of IPv6 with these 16 bits of offset and flags. */
    Frame fragmentHeader(int bits) {
        return extension(FRAGMENT, new byte[] {0, (byte) (bits >> 8), (byte) bits, 0x11, 0x22, 0x33, 0x44});
    }

    private Frame extension(int header, byte[] rest) {
        List<Extension> more = new ArrayList<>(extensions);
        more.add(new Extension(header, rest));
        extensions = List.copyOf(more);
        return this;
    }

    Frame payload(byte[] bytes) {
        payload = bytes.clone();
        return this;
    }

    byte[] bytes() {
        boolean v6 = from.address().v6();
        byte[] transport = transport();
        byte[] header = v6 ? header6(transport.length) : header4(transport.length);
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET + header.length + transport.length + trailer);
        frame.put(mac(destinationMac)).put(mac(sourceMac));
        frame.putShort((short) (type >= 0 ? type : v6 ? 0x86dd : 0x0800));
        frame.put(header).put(transport);
        return frame.array();
    }

    private int transportProtocol() {
        return tcpFlags >= 0 ? TCP : UDP;
    }

    private int namedProtocol() {
        return protocol >= 0 ? protocol : transportProtocol();
    }

    private byte[] header4(int transportLength) {
        int length = 20 + 4 * options;
        ByteBuffer header = ByteBuffer.allocate(length);
        header.put((byte) (0x40 | length / 4)).put((byte) trafficClass);
        header.putShort((short) (length + transportLength + ipLengthMore));
        header.putShort((short) 0x1234).putShort((short) fragment);
        header.put((byte) hops).put((byte) namedProtocol()).putShort((short) 0);
        header.put(from.address().toBytes()).put(to.address().toBytes());
        for (int i = 0; i < 4 * options; i++) header.put((byte) 1);
        header.putShort(10, (short) sum(header.array(), 0));
        return header.array();
    }

    private byte[] header6(int transportLength) {
        ByteArrayOutputStream chain = new ByteArrayOutputStream();
        for (int i = 0; i < extensions.size(); i++) {
            chain.write(i + 1 < extensions.size() ? extensions.get(i + 1).type : namedProtocol());
            chain.writeBytes(extensions.get(i).rest);
        }
        ByteBuffer header = ByteBuffer.allocate(IPV6 + chain.size());
        header.putInt(6 << 28 | trafficClass << 20 | 0x5_4321);
        header.putShort((short) (chain.size() + transportLength + ipLengthMore));
        header.put((byte) (extensions.isEmpty() ? namedProtocol() : extensions.getFirst().type));
        header.put((byte) hops);
        header.put(from.address().toBytes()).put(to.address().toBytes());
        header.put(chain.toByteArray());
        return header.array();
    }

    private byte[] transport() {
        boolean tcp = tcpFlags >= 0;
        int header = tcp ? 20 + 4 * tcpOptions : 8;
        ByteBuffer bytes = ByteBuffer.allocate(header + payload.length);
        bytes.putShort((short) from.port()).putShort((short) to.port());
        if (tcp) {
            bytes.putInt(SEQUENCE).putInt((tcpFlags & ACK) != 0 ? 0x0a0b_0c0d : 0);
            bytes.put((byte) (dataOffset << 4)).put((byte) tcpFlags).putShort((short) 0x7210);
            bytes.putInt(0);
            for (int i = 0; i < 4 * tcpOptions; i++) bytes.put((byte) 1);
        } else {
            bytes.putShort((short) (header + payload.length + udpLengthMore)).putShort((short) 0);
        }
        bytes.put(payload);
        if (checksum) {
            int made = sum(bytes.array(), pseudo(bytes.capacity() + (tcp ? 0 : udpLengthMore)));
            bytes.putShort(tcp ? 16 : 6, (short) (made == 0 && !tcp ? 0xffff : made));
        }
        return bytes.array();
    }

    private int pseudo(int length) {
        ByteBuffer header = ByteBuffer.allocate(40);
        header.put(from.address().toBytes()).put(to.address().toBytes());
        int sum = transportProtocol() + length;
        for (int i = 0; i < header.capacity(); i += 2) sum += header.getShort(i) & 0xffff;
        return sum;
    }

    private static int sum(byte[] bytes, int first) {
        int sum = first;
        for (int i = 0; i < bytes.length; i++) {
            int octet = bytes[i] & 0xff;
            sum += i % 2 == 0 ? octet << 8 : octet;
        }
        while (sum >>> 16 != 0) sum = (sum & 0xffff) + (sum >>> 16);
        return ~sum & 0xffff;
    }

    static byte[] mac(String text) {
        return HexFormat.ofDelimiter(":").parseHex(text);
    }

    @Override
    public String toString() {
        String how = tcpFlags >= 0 ? "tcp " + tcpFlags : "udp";
        return how + " " + from + " → " + to + (extensions.isEmpty() ? "" : " with " + extensions.size() + " headers");
    }
}
