package io.evenkeel.dataplane.socket;

import io.evenkeel.dataplane.DropReason;
import io.evenkeel.dataplane.Explanation;
import io.evenkeel.dataplane.Explanation.Fate;
import io.evenkeel.dataplane.Explanation.FromServer;
import io.evenkeel.dataplane.Explanation.ToService;
import io.evenkeel.dataplane.Explanation.Unknown;
import io.evenkeel.dataplane.Question;
import io.evenkeel.model.Endpoint;
import io.evenkeel.model.Protocol;
import io.evenkeel.model.Refused;
import io.evenkeel.model.ServiceKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One question on its way through all workers. Each writes what it knows in its own place ({@link #ask}); when all have
 * acknowledged, {@link #answer} puts it together, on any other thread.
 */
final class Inquiry {
    private static final String REMEDY = "evenkeel status lists services and realservers";

    private final Question question;
    private final @Nullable LiveService service;
    private final List<List<Told>> byWorker = new ArrayList<>();

    /** @param service what the packet is addressed to; null if nobody stands there, and for replies */
    Inquiry(Question question, @Nullable LiveService service, int workers) {
        this.question = question;
        this.service = service;
        for (int i = 0; i < workers; i++) byWorker.add(new ArrayList<>());
    }

    /** What this worker knows; on its thread. */
    void ask(int worker, @Nullable LiveService[] services) {
        if (!question.reply()) {
            if (service == null || services[service.slot] != service) return; // comes into force, or has just left
            byWorker.get(worker).add(service.fronts[worker].explain(question));
            return;
        }
        Endpoint from = question.source();
        for (LiveService each : services) {
            if (each == null || each.key.protocol() != question.protocol()) continue;
            if (each.lanes[worker].at(from.address().high(), from.address().low(), from.port()) == null) continue;
            byWorker.get(worker).add(each.fronts[worker].explainReply(question));
        }
    }

    Explanation answer() {
        List<Told> all = byWorker.stream().flatMap(List::stream).toList();
        if (all.isEmpty()) return new Unknown(new Refused(nobody(), REMEDY));
        List<Explanation> known =
                all.stream().filter(Told::hasClient).map(Told::explanation).toList();
        if (question.reply()) return known.isEmpty() ? stray(all) : known.getFirst();
        return together(known.isEmpty() ? all.stream().map(Told::explanation).toList() : known);
    }

    private String nobody() {
        String protocol = question.protocol().lower();
        return question.reply()
                ? "no " + protocol + " service has a realserver " + question.source()
                : "there is no virtual service " + new ServiceKey(question.protocol(), question.destination());
    }

    /** Nobody waits for it. */
    private Explanation stray(List<Told> all) {
        Set<ServiceKey> candidates = new LinkedHashSet<>();
        for (Told told : all) {
            if (told.explanation() instanceof FromServer reply) reply.service().ifPresent(candidates::add);
        }
        Fate fate = question.protocol() == Protocol.UDP
                ? new Fate.Dropped(DropReason.REPLY_UNEXPECTED, Optional.empty())
                : new Fate.Passed("no connection of ours is between the two");
        return new FromServer(candidates.size() == 1 ? candidates.stream().findFirst() : Optional.empty(), fate);
    }

    /** Workers differ only in what each has forwarded lately, and which of them gets the packet is the kernel's secret. */
    private static Explanation together(List<Explanation> answers) {
        if (!(answers.getFirst() instanceof ToService first)) return answers.getFirst();
        Set<Fate.Sent> all = new LinkedHashSet<>();
        for (Explanation each : answers) {
            if (each instanceof ToService to && to.fate() instanceof Fate.Sent its) all.add(its);
        }
        List<Fate.Sent> sent = List.copyOf(all);
        if (sent.size() < 2) return first;
        return new ToService(
                first.service(), first.choice(), first.leaves(), new Fate.Either(sent), first.turns(), first.servers());
    }
}
