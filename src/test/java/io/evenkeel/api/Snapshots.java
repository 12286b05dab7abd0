package io.evenkeel.api;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.director.Snapshot;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.OperatorIntent;
import io.evenkeel.model.RealServerState;
import io.evenkeel.model.ServiceKey;
import io.evenkeel.model.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** States to show: one with everything in it, one with nothing. */
final class Snapshots {
    private Snapshots() {}

    static final Instant START = Instant.parse("2026-11-21T08:00:00.123456789Z");

    static Snapshot full() {
        return snapshot(
                List.of(udp(), tcp()),
                new Snapshot.Totals(
                        90_010,
                        90_000,
                        0,
                        89_990,
                        89_988,
                        Map.of(DropReason.NO_REALSERVER, 7L, DropReason.RECEIVE_OVERFLOW, 3L),
                        Map.of(DropReason.REPLY_STRANGER, 2L),
                        0),
                Map.of(PathCounter.GSO_SENDS, 12L, PathCounter.RESENT, 0L));
    }

    static Snapshot empty() {
        return snapshot(List.of(), new Snapshot.Totals(0, 0, 0, 0, 0, Map.of(), Map.of(), 0), Map.of());
    }

    private static Snapshot snapshot(
            List<Snapshot.Service> services, Snapshot.Totals totals, Map<PathCounter, Long> paths) {
        return new Snapshot(
                "0.1.0",
                4242,
                START,
                "socket",
                "asked for by --plane",
                "/etc/keepalived/keepalived.conf",
                17,
                17,
                true,
                new Snapshot.Lag(412, 3_950),
                2,
                "",
                List.of(),
                services,
                totals,
                paths);
    }

    private static Snapshot.Service udp() {
        return new Snapshot.Service(
                ServiceKey.parse("192.0.2.1:514/udp").orElseThrow(),
                "rr",
                true,
                "up",
                new Snapshot.Quorum(true, 1, 0, 2),
                90_010,
                90_000,
                0,
                89_990,
                89_988,
                Map.of(DropReason.RECEIVE_OVERFLOW, 3L, DropReason.NO_REALSERVER, 7L),
                Map.of(DropReason.REPLY_STRANGER, 2L),
                5,
                List.of(
                        server("10.0.0.1:514", 1, Verdict.UP, OperatorIntent.IN, "connected in 0.4 ms"),
                        server("10.0.0.2:514", 1, Verdict.FAILED, OperatorIntent.IN, "connection refused"),
                        server("10.0.0.3:514", 1, Verdict.UP, OperatorIntent.DRAINING, "x".repeat(200)),
                        server("10.0.0.4:514", 0, Verdict.UP, OperatorIntent.IN, "connected in 0.4 ms"),
                        server("10.0.0.5:514", 1, Verdict.SUSPECT, OperatorIntent.IN, "port unreachable"),
                        server("10.0.0.6:514", 1, Verdict.UNKNOWN, OperatorIntent.IN, "")));
    }

    private static Snapshot.Service tcp() {
        return new Snapshot.Service(
                ServiceKey.parse("[2001:db8::1]:443/tcp").orElseThrow(),
                "wlc",
                false,
                "down",
                new Snapshot.Quorum(false, 2, 1, 0),
                0,
                0,
                0,
                0,
                0,
                Map.of(),
                Map.of(),
                0,
                List.of(server(
                        "[2001:db8::ffff:ffff:ffff:ffff]:65535", 1, Verdict.FAILED, OperatorIntent.IN, "timed out")));
    }

    private static Snapshot.Server server(
            String endpoint, int weight, Verdict verdict, OperatorIntent operator, String evidence) {
        return new Snapshot.Server(
                Endpoint.of(endpoint),
                "NAT",
                weight,
                RealServerState.of(verdict, operator, weight),
                verdict,
                operator,
                START.plusSeconds(1),
                evidence,
                START.plusSeconds(2),
                30_000,
                29_000,
                3,
                0,
                false);
    }
}
