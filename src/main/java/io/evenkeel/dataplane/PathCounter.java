package io.evenkeel.dataplane;

import java.util.Locale;

/** Which way packets took through a plane: so that a test or a benchmark can prove what it measured. */
public enum PathCounter {
    RECEIVE_CALLS("recvmmsg calls that brought something."),
    GRO_BATCHES("Receives that the kernel had aggregated (more than one datagram in one message)."),
    GSO_SENDS("Messages sent with UDP_SEGMENT: more than one datagram each."),
    GSO_SEGMENTS("Datagrams that left in such messages."),
    SINGLE_SENDS("Datagrams sent one to a message."),
    GSO_REFUSED("Times a route refused UDP_SEGMENT and its realserver fell back to single messages."),
    PENDING_ERRORS("Sends that failed with the error of an earlier datagram."),
    RESENT("Datagrams sent again after such an error."),
    REPLY_PORTS_OPEN("Back ports open now."),
    REPLY_PORTS_RESTING("Back ports resting now, because a reply may still come."),
    REPLY_PATH_EXHAUSTED("Datagrams forwarded without a way back: every back port was taken."),
    AFFINITY_FULL("New flows scheduled without affinity: no room for another template."),
    EVIDENCE("Quoted ICMP errors that spoke against a realserver."),
    EVIDENCE_IGNORED("Quoted ICMP errors that answered nothing we sent within the last second."),
    SPLICED_BYTES("Bytes moved by splice, both directions."),
    STREAMS_RESET("TCP connections reset because their realserver failed or left."),
    STREAMS_IDLE("TCP connections reset because nothing moved for too long."),
    XDP_PASSED_UP("Packets that the kernel plane's program saw and left to the stack."),
    REPLIES_BY_STACK("Replies left to the stack to route, since their next hop was not resolved."),
    EGRESS_REWRITTEN("Of them, those that were rewritten on their way out; others did not get there, or not yet."),
    EGRESS_SPOILT("Of them, those that could not be rewritten, and were dropped on their way out."),
    ICMP_SENT("ICMP errors sent to clients: no realserver, no hop left, too big."),
    ICMP_SPARED("ICMP errors not sent, since there were too many."),
    ICMP_BACK("ICMP errors from realservers' side, translated for clients."),
    ICMP_IN("ICMP errors from clients' side, translated for realservers."),
    ICMP_LOST("ICMP errors dropped: no way on, no hop left, or too long."),
    SOURCE_TRANSLATED(
            "Packets forwarded from another port than the client's, which it uses towards two services with the same"
                    + " realservers."),
    FRAGMENTS_FOLLOWED("Fragments that took the way of the first of their datagram."),
    FRAGMENTS_LOST("Fragments dropped, because that way is not there any more."),
    ACCEPT_PAUSES("Times accepting stopped until the next tick: no descriptor or memory was left.");

    private final String sentence;

    PathCounter(String sentence) {
        this.sentence = sentence;
    }

    public String sentence() {
        return sentence;
    }

    /** The word in status and metrics, e.g. {@code gro_batches}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
