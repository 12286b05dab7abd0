package io.evenkeel.api;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Explanation.Choice;
import io.evenkeel.dataplane.Explanation.Fate;
import io.evenkeel.dataplane.Explanation.FromServer;
import io.evenkeel.dataplane.Explanation.Hop;
import io.evenkeel.dataplane.Explanation.Rewrite;
import io.evenkeel.dataplane.Explanation.Server;
import io.evenkeel.dataplane.Explanation.Standing;
import io.evenkeel.dataplane.Explanation.ToService;
import io.evenkeel.dataplane.Explanation.Turns;
import io.evenkeel.dataplane.Explanation.Unknown;
import io.evenkeel.dataplane.Question;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Forwarding;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import java.util.List;
import java.util.Optional;

/** Explanations to show, of the first service of {@link Snapshots#full}: one of every kind. */
final class Explanations {
    private Explanations() {}

    static final ServiceKey SERVICE = ServiceKey.parse("192.0.2.1:514/udp").orElseThrow();
    static final Choice TURN = new Choice.Turn(7, 1, 3, Endpoint.of("10.0.0.2:514"));

    /** {@code PROTOCOL SOURCE DESTINATION [reply]}. */
    static Question question(String text) {
        String[] words = text.split(" ");
        Protocol protocol = words[0].equals("udp") ? Protocol.UDP : Protocol.TCP;
        return new Question(protocol, Endpoint.of(words[1]), Endpoint.of(words[2]), words.length > 3);
    }

    static Explanation of(Question question) {
        ServiceKey key = new ServiceKey(question.protocol(), question.destination());
        if (key.equals(SERVICE)) return to(TURN, sent("10.0.0.1:514"));
        return new Unknown(
                new Refused("there is no virtual service " + key, "evenkeel status lists services and realservers"));
    }

    static ToService to(Choice choice, Fate fate) {
        return new ToService(
                SERVICE,
                choice,
                Optional.of(Endpoint.of("10.0.0.2:514")),
                fate,
                Optional.of(new Turns(7, 3, List.of(Endpoint.of("10.0.0.1:514"), Endpoint.of("10.0.0.6:514")))),
                List.of(
                        server("10.0.0.1:514", Standing.OPEN),
                        server("10.0.0.2:514", Standing.SHUT),
                        server("10.0.0.3:514", Standing.HOLDING),
                        server("10.0.0.4:514", Standing.HOLDING),
                        server("10.0.0.5:514", Standing.SUSPECT),
                        server("10.0.0.6:514", Standing.OPEN),
                        server("10.0.0.7:514", Standing.OVERLOADED)));
    }

    static Fate.Sent sent(String to) {
        return new Fate.Sent(
                Endpoint.of(to),
                new Forwarding.Nat(),
                List.of(new Rewrite("destination", "192.0.2.1:514", to)),
                Optional.of(new Hop("eth1", Optional.of("02:00:00:00:00:01"))));
    }

    private static Server server(String endpoint, Standing standing) {
        return new Server(Endpoint.of(endpoint), 1, standing, 5, 5, 0, 0);
    }

    /** Every kind of choice and fate. */
    static List<Explanation> all() {
        return List.of(
                to(TURN, sent("10.0.0.1:514")),
                to(new Choice.Hash("the client's address", 37, 256, Optional.empty()), sent("10.0.0.1:514")),
                to(new Choice.Load(4), new Fate.Either(List.of(sent("10.0.0.1:514"), sent("10.0.0.6:514")))),
                to(new Choice.Flow(1_250_000_000L), sent("10.0.0.1:514")),
                to(new Choice.Template(IpAddress.of("198.51.100.0"), 24), sent("10.0.0.1:514")),
                to(new Choice.Nobody(), new Fate.Dropped(DropReason.NO_REALSERVER, Optional.empty())),
                to(TURN, new Fate.Dropped(DropReason.NO_ROUTE, Optional.of(Endpoint.of("10.0.0.1:514")))),
                to(TURN, new Fate.Delivered(Endpoint.of("10.0.0.1:514"), new Forwarding.DirectRouting())),
                new FromServer(
                        Optional.of(SERVICE),
                        new Fate.Returned(List.of(), Optional.of(new Hop("eth0", Optional.empty())))),
                new FromServer(Optional.empty(), new Fate.Dropped(DropReason.REPLY_UNEXPECTED, Optional.empty())),
                new FromServer(Optional.empty(), new Fate.Passed("it is the answer to a probe")));
    }
}
