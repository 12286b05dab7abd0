package io.evenkeel.dataplane.kernel;

import io.evenkeel.dataplane.Question;
import io.evenkeel.model.Protocol;
import java.nio.ByteBuffer;

/**
 * The packet of a question, as it would come in: 64 hops left, nothing odd, 8 bytes of payload (TCP: a SYN without
 * options, from a realserver a SYN-ACK). Pure.
 */
final class ExplainedPacket {
    /** RFC 1700's default. */
    static final int HOPS = 64;

    private static final int ETHERNET = 14;
    private static final int IPV4 = 20;
    private static final int IPV6 = 40;
    private static final int UDP = 8;
    private static final int TCP = 20;
    private static final int PAYLOAD = 8;
    private static final byte[] NEIGHBOUR = {2, 0, 0, 0, 0, 0}; // whoever sends it

    private ExplainedPacket() {}

    /**
     * The frame.
     *
     * @param mac what it is addressed to, 6 bytes
     */
    static byte[] frame(Question question, byte[] mac) {
        boolean v6 = question.destination().address().v6();
        byte[] segment = segment(question);
        ByteBuffer frame = ByteBuffer.allocate(ETHERNET + (v6 ? IPV6 : IPV4) + segment.length);
        frame.put(mac).put(NEIGHBOUR).putShort((short) (v6 ? 0x86dd : 0x0800));
        if (v6) ipv6(frame, question, segment.length);
        else ipv4(frame, question, segment.length);
        return frame.put(segment).array();
    }

    /** RFC 791. */
    private static void ipv4(ByteBuffer frame, Question question, int length) {
        int start = frame.position();
        frame.put((byte) 0x45).put((byte) 0).putShort((short) (IPV4 + length));
        frame.putInt(0x4000); // not to be fragmented
        frame.put((byte) HOPS).put(number(question.protocol())).putShort((short) 0);
        addresses(frame, question);
        frame.putShort(start + 10, (short) ~folded(sum(frame, start, IPV4)));
    }

    /** RFC 8200. */
    private static void ipv6(ByteBuffer frame, Question question, int length) {
        frame.putInt(6 << 28).putShort((short) length);
        frame.put(number(question.protocol())).put((byte) HOPS);
        addresses(frame, question);
    }

    private static void addresses(ByteBuffer frame, Question question) {
        frame.put(question.source().address().toBytes());
        frame.put(question.destination().address().toBytes());
    }

    private static byte number(Protocol protocol) {
        return switch (protocol) {
            case UDP -> 17;
            case TCP -> 6;
        };
    }

    /** RFC 768, RFC 9293. */
    private static byte[] segment(Question question) {
        boolean udp = question.protocol() == Protocol.UDP;
        ByteBuffer segment = ByteBuffer.allocate(udp ? UDP + PAYLOAD : TCP);
        segment.putShort((short) question.source().port());
        segment.putShort((short) question.destination().port());
        if (udp) segment.putShort((short) segment.capacity());
        else
            segment.putLong(0)
                    .putShort((short) (question.reply() ? 0x5012 : 0x5002))
                    .putShort((short) 0xffff);
        int check = udp ? 6 : 16;
        byte[] from = question.source().address().toBytes();
        byte[] to = question.destination().address().toBytes();
        ByteBuffer addresses =
                ByteBuffer.allocate(from.length + to.length).put(from).put(to);
        long sum = sum(addresses, 0, addresses.capacity())
                + sum(segment, 0, segment.capacity())
                + number(question.protocol())
                + segment.capacity();
        int made = ~folded(sum) & 0xffff;
        segment.putShort(check, (short) (made == 0 ? 0xffff : made));
        return segment.array();
    }

    /** RFC 1071, over an even number of bytes. */
    private static long sum(ByteBuffer bytes, int from, int length) {
        long sum = 0;
        for (int i = from; i < from + length; i += 2) sum += bytes.getShort(i) & 0xffff;
        return sum;
    }

    private static int folded(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) folded = (folded & 0xffff) + (folded >>> 16);
        return (int) folded;
    }
}
