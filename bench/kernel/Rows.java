package io.evenkeel.dataplane.kernel;

import io.evenkeel.dataplane.kernel.Row.Clients;
import io.evenkeel.dataplane.kernel.Row.Target;
import io.evenkeel.dataplane.kernel.Row.Way;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.Forwarding.Encapsulation;
import io.evenkeel.model.Scheduling;
import java.util.ArrayList;
import java.util.List;

/** All rows, and the services they need. Katran's figures are of another hour. */
final class Rows {
    static final String CLIENT = "100.64.0.1:40000";
    static final int SMALL = 1 << 16;
    static final int LARGE = 1 << 19;
    private static final int FRESH = 1 << 14;
    private static final String CLIENT6 = "[2001:db8:1::1]:40000";
    private static final Scheduling RR = new Scheduling.RoundRobin();
    private static final Forwarding NAT = new Forwarding.Nat();
    private static final Forwarding DR = new Forwarding.DirectRouting();
    private static final int HERE = Tables.HERE;

    /** The row that says what a hit costs without the table's memory. */
    static final String ONE_FLOW = "flow-udp-1";

    /** The row whose packets leave by another interface than they came in on. */
    static final String ELSEWHERE = "rr-nat-out";

    private final Tables tables;
    private final List<Row> rows = new ArrayList<>();

    private Rows(Tables tables) {
        this.tables = tables;
    }

    static List<Row> all(Tables tables) {
        Rows rows = new Rows(tables);
        rows.perPacket();
        rows.flows();
        rows.others();
        return List.copyOf(rows.rows);
    }

    private void row(
            String name,
            String title,
            byte[] frame,
            int service,
            Way way,
            Clients clients,
            Target target,
            String katran) {
        rows.add(new Row(name, title, frame, frame, service, way, clients, 0, target, katran));
    }

    /** One whose clients begin with another packet. */
    private void row(
            String name,
            String title,
            byte[] frame,
            byte[] first,
            int service,
            Way way,
            Clients clients,
            Target target,
            String katran) {
        rows.add(new Row(name, title, frame, first, service, way, clients, 0, target, katran));
    }

    private int udp(int host, Scheduling scheduling, boolean onePacket, Forwarding forwarding, int group) {
        int port = forwarding instanceof Forwarding.Nat ? 6514 : 514;
        return tables.add(vip(host) + "/udp", scheduling, onePacket, forwarding, group, port, HERE);
    }

    private static String vip(int host) {
        return "198.18.0." + host + ":514";
    }

    private void perPacket() {
        int dr = udp(10, RR, true, DR, 10);
        row(
                "rr-dr",
                "per-packet rr, DR",
                Packet.udp(CLIENT, vip(10)),
                dr,
                Way.TURN,
                Clients.ONE,
                most(1.6),
                "142 ns, 5.5 (Maglev, no flow table)");
        int nat = udp(11, RR, true, NAT, 11);
        row("rr-nat", "per-packet rr, NAT", Packet.udp(CLIENT, vip(11)), nat, Way.TURN, Clients.ONE, most(1.9), "");
        row(
                "reply",
                "reply of a NAT service, stateless, route known",
                Packet.udp("198.18.11.3:6514", CLIENT),
                nat,
                Way.REPLY,
                Clients.ONE,
                most(1.9),
                "");
        int shared = udp(12, RR, true, NAT, 12);
        udp(13, RR, true, NAT, 12);
        row(
                "shared",
                "per-packet rr, NAT, realservers shared with another service",
                Packet.udp(CLIENT, vip(12)),
                shared,
                Way.TURN,
                Clients.ONE,
                most(3),
                "");
        row(
                "shared-reply",
                "reply of a shared realserver",
                Packet.udp("198.18.12.3:6514", CLIENT),
                Packet.udp(CLIENT, vip(12)),
                shared,
                Way.REPLY,
                Clients.ONE,
                null,
                "");
    }

    private void flows() {
        int udp = udp(14, RR, false, NAT, 14);
        byte[] datagram = Packet.udp(CLIENT, vip(14));
        row(ONE_FLOW, "flow hit, UDP, NAT, 1 flow", datagram, udp, Way.FLOW, Clients.ONE, most(2), "209 ns, 8.0");
        int tcp = tables.add("198.18.0.15:80/tcp", RR, false, DR, 15, 80, HERE);
        row(
                "flow-tcp-1",
                "flow hit, TCP, DR, 1 flow",
                Packet.tcp(CLIENT, "198.18.0.15:80", Packet.ACK),
                Packet.tcp(CLIENT, "198.18.0.15:80", Packet.SYN),
                tcp,
                Way.FLOW,
                Clients.ONE,
                most(2),
                "174 ns, 6.7");
        Target hit = new Target.ReadAndHit(1.3, 0);
        row(
                "flow-udp-64k",
                "flow hit, UDP, NAT, 64k flows",
                datagram,
                udp,
                Way.FLOW,
                new Clients(SMALL, 0),
                hit,
                "464 ns, 17.8");
        row(
                "flow-udp-512k",
                "flow hit, UDP, NAT, 512k flows",
                datagram,
                udp,
                Way.FLOW,
                new Clients(LARGE, 0),
                hit,
                "485 ns, 18.7 (TCP)");
        int fresh = tables.add("198.18.0.16:80/tcp", RR, false, NAT, 16, 80, HERE);
        row(
                "new-tcp",
                "new TCP flow, NAT, beside 64k flows",
                Packet.tcp(CLIENT, "198.18.0.16:80", Packet.SYN),
                datagram,
                fresh,
                Way.NEW_FLOW,
                new Clients(SMALL, FRESH),
                new Target.ReadAndHit(1.3, 1),
                "635 ns, 24.4");
        int ipip = udp(17, RR, false, new Forwarding.Tunnel(Encapsulation.IPIP, 0), 17);
        rows.add(new Row(
                "ipip",
                "flow hit, UDP, IPIP, 1 flow",
                Packet.udp(CLIENT, vip(17)),
                Packet.udp(CLIENT, vip(17)),
                ipip,
                Way.FLOW,
                Clients.ONE,
                20,
                most(2.8),
                "209 ns, 8.0"));
        row(
                "not-ours",
                "not ours",
                Packet.udp(CLIENT, "198.18.0.99:514"),
                -1,
                Way.PASS,
                Clients.ONE,
                most(1.5),
                "73 ns, 2.8");
    }

    private void others() {
        int six = tables.add("[2001:db8::10]:514/udp", RR, true, NAT, 0x10, 6514, HERE);
        row(
                "rr-nat-v6",
                "per-packet rr, NAT, IPv6",
                Packet.udp(CLIENT6, "[2001:db8::10]:514"),
                six,
                Way.TURN,
                Clients.ONE,
                null,
                "");
        int mh = udp(20, new Scheduling.Maglev(false, false), true, NAT, 20);
        row("mh-nat", "per-packet mh, NAT", Packet.udp(CLIENT, vip(20)), mh, Way.HASH, Clients.ONE, null, "");
        int wlc = udp(21, new Scheduling.WeightedLeastConnection(), true, NAT, 21);
        row(
                "wlc-nat",
                "per-packet wlc over 10 realservers, NAT",
                Packet.udp(CLIENT, vip(21)),
                wlc,
                Way.TURN,
                Clients.ONE,
                null,
                "");
        int out = tables.add(vip(22) + "/udp", RR, true, NAT, 22, 6514, Tables.ELSEWHERE);
        row(
                ELSEWHERE,
                "per-packet rr, NAT, out of another interface",
                Packet.udp(CLIENT, vip(22)),
                out,
                Way.TURN,
                Clients.ONE,
                null,
                "");
    }

    private static Target most(double figure) {
        return new Target.AtMost(figure);
    }
}
