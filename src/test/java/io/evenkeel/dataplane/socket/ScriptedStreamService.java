package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.PathCounter;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.IpAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A service whose realservers do what the test says. Used on the loop's thread only. */
final class ScriptedStreamService implements StreamService {

    /** One realserver. */
    static final class Server {
        final Endpoint endpoint;
        int generation = 1;
        Standing standing = Standing.KEEPS;
        boolean takesNew = true;
        int flows;
        int active;
        int forwarded;
        final List<Integer> suspicions = new ArrayList<>();

        Server(Endpoint endpoint) {
            this.endpoint = endpoint;
        }
    }

    final List<Server> servers = new ArrayList<>();
    final Map<DropReason, Integer> drops = new EnumMap<>(DropReason.class);
    final Map<PathCounter, Long> paths = new EnumMap<>(PathCounter.class);
    final List<Integer> picked = new ArrayList<>();
    boolean proxyProtocol;
    long failbackGraceNanos;
    int forwarded;
    private int turn;

    Server add(Endpoint endpoint) {
        servers.add(new Server(endpoint));
        return servers.getLast();
    }

    int dropped() {
        return drops.values().stream().mapToInt(Integer::intValue).sum();
    }

    @Override
    public int pick(StreamOrigin origin, long nowNanos) {
        if (origin.turn == StreamOrigin.NO_TURN) origin.turn = turn++;
        for (int i = 0; i < servers.size(); i++) {
            int slot = (int) ((origin.turn + i) % servers.size());
            if (origin.tried(slot) || !servers.get(slot).takesNew) continue;
            picked.add(slot);
            return slot;
        }
        return NOBODY;
    }

    @Override
    public DropReason refusal() {
        return DropReason.NO_REALSERVER;
    }

    @Override
    public Endpoint endpoint(int slot) {
        return servers.get(slot).endpoint;
    }

    @Override
    public @Nullable IpAddress source(boolean v6) {
        return null;
    }

    @Override
    public int generation(int slot) {
        return servers.get(slot).generation;
    }

    @Override
    public Standing standing(int slot) {
        return servers.get(slot).standing;
    }

    @Override
    public boolean proxyProtocol() {
        return proxyProtocol;
    }

    @Override
    public long failbackGraceNanos() {
        return failbackGraceNanos;
    }

    @Override
    public void begin(int slot) {
        servers.get(slot).flows++;
        servers.get(slot).active++;
    }

    @Override
    public void halfClosed(int slot) {
        servers.get(slot).active--;
    }

    @Override
    public void end(int slot, boolean active) {
        servers.get(slot).flows--;
        if (active) servers.get(slot).active--;
    }

    @Override
    public void forwarded(int slot) {
        forwarded++;
        servers.get(slot).forwarded++;
    }

    @Override
    public void dropped(DropReason reason) {
        drops.merge(reason, 1, Integer::sum);
    }

    @Override
    public void suspect(int slot, int errno, long nowNanos) {
        servers.get(slot).suspicions.add(errno);
    }

    @Override
    public void count(PathCounter path, long n) {
        paths.merge(path, n, Long::sum);
    }
}
