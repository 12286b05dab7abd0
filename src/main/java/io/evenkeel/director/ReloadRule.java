package io.evenkeel.director;

import io.evenkeel.dataplane.ForwardingTable;
import io.evenkeel.dataplane.Inheritance;
import io.evenkeel.dataplane.Preparation;
import io.evenkeel.director.DirectorState.Pending;
import io.evenkeel.director.DirectorState.Reloads;
import io.evenkeel.model.Diagnostic;
import io.evenkeel.model.Diagnostic.Severity;
import io.evenkeel.model.Origin;
import io.evenkeel.model.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A configuration is applied whole or not at all: pure steps of {@link DirectorRule}. What became of it is answered, not
 * logged: whoever asked says it once, with what else there is to say.
 */
final class ReloadRule {
    private ReloadRule() {}

    static void apply(Draft draft, Event.Apply apply, TableCompiler compiler) {
        if (draft.stopping.asked()) {
            refuse(draft, apply, "the director is stopping", List.of());
            return;
        }
        List<Diagnostic> diagnostics = compiler.judge(apply.configuration(), apply.origins());
        Optional<Diagnostic> error =
                diagnostics.stream().filter(d -> d.severity() == Severity.ERROR).findFirst();
        if (error.isPresent()) {
            refuse(draft, apply, error.get().message(), diagnostics);
            return;
        }
        if (draft.reloads.begun() && apply.configuration().equals(draft.configuration)) {
            unchanged(draft, apply, diagnostics);
            return;
        }
        long version = draft.tables.last().version() + 1;
        ReloadPlan plan = ReloadPlanner.plan(
                draft, apply.configuration(), version, draft.reloads.begun() ? Inheritance.NONE : apply.inheritance());
        if (plan.refused().isPresent()) {
            refuse(draft, apply, plan.refused().get().toString(), diagnostics);
            return;
        }
        prepare(draft, apply, plan, diagnostics, version);
    }

    private static void prepare(
            Draft draft, Event.Apply apply, ReloadPlan plan, List<Diagnostic> diagnostics, long version) {
        String summary = plan.counts().summary(!draft.reloads.begun());
        Director.Applied applied = new Director.Applied(true, summary, diagnostics);
        List<ServiceState> compiled = new ArrayList<>(plan.services().size());
        for (ServiceState service : plan.services()) compiled.add(TableCompiler.compile(service));
        ReloadPlan ready = new ReloadPlan(
                plan.refused(),
                plan.configuration(),
                compiled,
                plan.slots(),
                plan.chance(),
                plan.actions(),
                plan.counts());
        ForwardingTable table = TableCompiler.table(version, apply.configuration(), compiled);
        ForwardingTable last = draft.tables.last();
        Pending.Reload pending = new Pending.Reload(table, ready, apply, applied);
        boolean seen = !table.services().equals(last.services())
                || table.replyPorts() != last.replyPorts()
                || !table.replyAddresses().equals(last.replyAddresses());
        if (seen || !draft.reloads.begun()) {
            draft.pending = pending;
            draft.act(new Action.Prepare(table));
            return;
        }
        // Only what no plane sees has changed: checks, quorum, alarms.
        adopt(draft, pending);
        draft.await(last.version(), new Action.AnswerApply(apply.ticket(), applied));
    }

    private static void unchanged(Draft draft, Event.Apply apply, List<Diagnostic> diagnostics) {
        draft.origins = apply.origins();
        draft.reloads = new Reloads(true, draft.reloads.count() + 1, "nothing changed");
        draft.act(new Action.AnswerApply(apply.ticket(), new Director.Applied(true, "nothing changed", diagnostics)));
    }

    /** The plan becomes the truth. */
    static void adopt(Draft draft, Pending.Reload reload) {
        ReloadPlan plan = reload.plan();
        draft.configuration = plan.configuration();
        draft.origins = reload.apply().origins();
        draft.services(plan.services());
        draft.slots = plan.slots();
        draft.chance = plan.chance();
        plan.actions().forEach(draft::act);
        draft.reloads = draft.reloads.begun()
                ? new Reloads(true, draft.reloads.count() + 1, reload.applied().summary())
                : new Reloads(true, 0, "");
    }

    /** The plane said no: everything stays as it was. */
    static void denied(Draft draft, Pending.Reload reload, Preparation.Denied denied) {
        Refused refused = denied.refused();
        Optional<Origin> origin =
                denied.service().flatMap(key -> reload.apply().origins().of(key, "virtual_server"));
        List<Diagnostic> diagnostics = new ArrayList<>(reload.applied().diagnostics());
        diagnostics.add(Diagnostic.at(Severity.ERROR, origin, refused.what(), refused.remedy()));
        refuse(draft, reload.apply(), refused.toString(), diagnostics);
    }

    private static void refuse(Draft draft, Event.Apply apply, String why, List<Diagnostic> diagnostics) {
        if (draft.reloads.begun()) {
            draft.reloads = new Reloads(true, draft.reloads.count(), "refused: " + why);
        }
        draft.act(new Action.AnswerApply(apply.ticket(), new Director.Applied(false, why, diagnostics)));
    }
}
