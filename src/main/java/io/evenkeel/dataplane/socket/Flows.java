package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.ForwardingTable;
import org.jspecify.annotations.Nullable;

/**
 * The flows of one worker over all services: the table, and what must happen when a flow changes its realserver or ends.
 * Owned by one worker.
 */
final class Flows {
    /** A pass over the whole table takes this many ticks. */
    private static final int TICKS_PER_PASS = 10;

    final FlowTable table = new FlowTable(FlowTable.MAX_FLOWS);
    private final ReplyPorts ports;
    private final @Nullable ServiceLane[] lanes = new ServiceLane[ForwardingTable.MAX_SERVICES];
    private int sweepNext;

    Flows(ReplyPorts ports) {
        this.ports = ports;
    }

    /** Flows of this service may come. */
    void enter(ServiceLane lane) {
        lanes[lane.service.slot] = lane;
    }

    /** The service has left: all its flows end. */
    void leave(ServiceLane lane, long nowNanos) {
        if (lanes[lane.service.slot] != lane) return;
        for (int flow = 0; flow < table.rows(); flow++) {
            if (table.used(flow) && table.service(flow) == lane.service.slot) end(flow, nowNanos);
        }
        lanes[lane.service.slot] = null;
    }

    /** Gives the flow to a realserver, or with null to none in particular (one-packet scheduling). */
    void assign(int flow, ServiceLane lane, @Nullable ServerLane server) {
        int before = table.server(flow);
        if (before != FlowTable.NO_SERVER) lane.service.load.end(before);
        if (server == null) {
            table.server(flow, FlowTable.NO_SERVER, (short) 0);
            return;
        }
        lane.service.load.begin(server.slot);
        table.server(flow, server.slot, (short) server.generation());
    }

    void end(int flow, long nowNanos) {
        int server = table.server(flow);
        ServiceLane lane = lanes[table.service(flow)];
        if (server != FlowTable.NO_SERVER && lane != null) lane.service.load.end(server);
        ReplyPort port = table.replyPort(flow);
        if (port != null) ports.giveBack(port, nowNanos);
        table.remove(flow);
    }

    /** All replies have come: the port is free, and a flow that holds nothing else ends. */
    void answered(int flow, ReplyPort port, long nowNanos) {
        table.replyPort(flow, null);
        ports.giveBack(port, nowNanos);
        if (table.server(flow) == FlowTable.NO_SERVER) table.remove(flow);
    }

    boolean expired(int flow, ServiceLane lane, long nowNanos) {
        return nowNanos - table.touchedNanos(flow) > lane.compiled().udpTimeoutNanos();
    }

    /** Ends flows whose time is over, looking at a part of the table. */
    void tick(long nowNanos) {
        int rows = table.rows() / TICKS_PER_PASS + 1;
        for (int i = 0; i < rows && table.rows() > 0; i++) {
            if (sweepNext >= table.rows()) sweepNext = 0;
            int flow = sweepNext++;
            if (!table.used(flow)) continue;
            ServiceLane lane = lanes[table.service(flow)];
            if (lane == null || expired(flow, lane, nowNanos)) end(flow, nowNanos);
        }
    }
}
