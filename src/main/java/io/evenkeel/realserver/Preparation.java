package io.evenkeel.realserver;

import io.evenkeel.linux.Address;
import io.evenkeel.linux.Bpf;
import io.evenkeel.linux.BpfException;
import io.evenkeel.linux.KernelRelease;
import io.evenkeel.linux.Link;
import io.evenkeel.linux.NetworkNamespace;
import io.evenkeel.linux.RouteSocket;
import io.evenkeel.linux.SyscallException;
import io.evenkeel.linux.TcHook;
import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Refused;
import io.evenkeel.realserver.Change.FilterAdded;
import io.evenkeel.realserver.Change.VipAdded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A machine that is a realserver for as long as this is open: VIPs on lo, silence about them, tunnels' packets unwrapped.
 * Everything is written into the {@link Ledger} before it is done, and undone by {@link #close}; what a killed process
 * left behind is taken over or undone by the next. Belongs to one platform thread.
 */
public final class Preparation implements AutoCloseable {
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

    /** A VIP is renewed so many times before the kernel would remove it. */
    private static final int RENEWALS = 3;

    /** What became of {@link #begin}. */
    public sealed interface Beginning {
        /** @param notes what an operator should know */
        record Ready(Preparation preparation, List<String> notes) implements Beginning {
            public Ready {
                notes = List.copyOf(notes);
            }
        }

        /** Nothing is changed, or undone again. */
        record Denied(List<Refused> reasons) implements Beginning {
            public Denied {
                reasons = List.copyOf(reasons);
            }
        }
    }

    private final Assignment assignment;
    private final LedgerFile file;
    private final RouteSocket socket;
    private final Sysctls sysctls;
    private final Performer performer;
    private final Notes notes = new Notes();
    private Ledger ledger;
    private @Nullable Attachments attachments;
    private @Nullable AnswerWatch answerWatch;
    private long renewedNanos;

    private Preparation(
            Assignment assignment, LedgerFile file, Ledger ledger, RouteSocket socket, Sysctls sysctls, int loopback) {
        this.assignment = assignment;
        this.file = file;
        this.ledger = ledger;
        this.socket = socket;
        this.sysctls = sysctls;
        performer = new Performer(socket, sysctls, loopback, assignment.leaseSeconds());
    }

    /**
     * Does all of it, or nothing.
     *
     * @param stateDirectory where the ledger is kept, see {@link #usualStateDirectory}
     */
    public static Beginning begin(Assignment assignment, Path stateDirectory, long nowNanos) {
        Optional<Refused> wrong = assignment.wrong();
        if (wrong.isPresent()) return new Beginning.Denied(List.of(wrong.get()));
        return open(assignment, stateDirectory, preparation -> preparation.start(nowNanos));
    }

    /** Undoes what a killed process left behind, and nothing else. */
    public static Beginning undoLeftovers(Path stateDirectory) {
        return open(Assignment.none(), stateDirectory, preparation -> preparation.start(0));
    }

    /** {@code /run/evenkeel-realserver}. */
    public static Path usualStateDirectory() {
        return LedgerFile.USUAL;
    }

    private interface Start {
        List<Refused> run(Preparation preparation);
    }

    private static Beginning open(Assignment assignment, Path stateDirectory, Start start) {
        try {
            return openLocked(assignment, stateDirectory, start);
        } catch (SyscallException refused) {
            Refused reason = new Refused(String.valueOf(refused.getMessage()), "Linux 5.15 is the oldest");
            return new Beginning.Denied(List.of(reason));
        }
    }

    private static Beginning openLocked(Assignment assignment, Path stateDirectory, Start start) {
        LedgerFile file;
        switch (LedgerFile.open(stateDirectory, NetworkNamespace.identity(), boot())) {
            case LedgerFile.Opening.Denied(Refused refused) -> {
                return new Beginning.Denied(List.of(refused));
            }
            case LedgerFile.Opening.Open(LedgerFile opened) -> file = opened;
        }
        Optional<Ledger> ledger = file.load();
        if (ledger.isEmpty()) {
            file.close();
            return new Beginning.Denied(List.of(new Refused(
                    file.path() + " is not readable as the notes of what was changed",
                    "undo it by hand ('evenkeel realserver --print' shows what it may be), and remove the file")));
        }
        RouteSocket socket = new RouteSocket();
        Sysctls sysctls = new Sysctls(Sysctls.ROOT);
        int loopback = Facts.read(socket, sysctls).loopback();
        Preparation made = new Preparation(assignment, file, ledger.get(), socket, sysctls, loopback);
        List<Refused> reasons = made.run(start);
        if (reasons.isEmpty()) return new Beginning.Ready(made, made.notes.take());
        made.let();
        return new Beginning.Denied(reasons);
    }

    private static String boot() {
        try {
            return Files.readString(BOOT).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot tell this boot from others", e);
        }
    }

    private List<Refused> run(Start start) {
        try {
            return start.run(this);
        } catch (SyscallException refused) {
            undo();
            return List.of(new Refused(String.valueOf(refused.getMessage()), ""));
        }
    }

    /** Answers why not; empty if the machine is prepared. */
    private List<Refused> start(long nowNanos) {
        Facts facts = Facts.read(socket, sysctls);
        Plan plan = Plan.of(assignment, facts.before(ledger));
        if (!plan.refusals().isEmpty()) return plan.refusals();
        plan.notes().forEach(notes::say);
        Optional<Refused> unloaded = load();
        if (unloaded.isPresent()) return List.of(unloaded.get());
        leaveUnwanted(plan, facts);
        Ledger before = ledger;
        Optional<Refused> failed = change(plan.changes(), facts);
        if (failed.isEmpty()) failed = attach(plan.interfaces());
        if (failed.isPresent()) {
            undo();
            return List.of(failed.get());
        }
        takenOver(before);
        renewedNanos = nowNanos;
        if (attachments != null) tellOwnAddresses(facts);
        return List.of();
    }

    private void takenOver(Ledger before) {
        if (before.changes().isEmpty()) return;
        notes.say("took over " + before.changes().size() + " changes of an earlier process that did not undo them");
    }

    /** The program is in the kernel before anything is changed; without it there is direct routing, but no tunnel. */
    private Optional<Refused> load() {
        if (assignment.vips().isEmpty() && ledger.changes().stream().noneMatch(FilterAdded.class::isInstance)) {
            return Optional.empty();
        }
        String why;
        try {
            Optional<byte[]> object = Receiver.bytes();
            if (object.isPresent()) {
                KernelRelease kernel = KernelRelease.current();
                Path log = file.path().resolveSibling("verifier.log");
                Receiver receiver = Receiver.load(
                        Bpf.load(Bpf.LIBRARY),
                        object.get(),
                        TcHook.of(kernel),
                        assignment,
                        Receiver.crosses(kernel),
                        log);
                attachments = new Attachments(receiver, assignment.watches());
                answerWatch = new AnswerWatch(assignment, receiver);
                return Optional.empty();
            }
            why = "built without clang, so its own program is not in this build";
        } catch (BpfException | SyscallException refused) {
            why = String.valueOf(refused.getMessage());
        }
        if (assignment.tunnels().isEmpty()) {
            notes.say("nothing is counted: " + why);
            return Optional.empty();
        }
        return Optional.of(new Refused(
                "cannot unwrap tunnels: " + why,
                "'evenkeel realserver --print' shows how to do it with the kernel's own tunnel devices"));
    }

    /** Undoes what an earlier process left behind and this one does not want. */
    private void leaveUnwanted(Plan plan, Facts facts) {
        List<Change> unwanted = ledger.changes().stream()
                .filter(c -> !plan.changes().contains(c))
                .toList();
        store(ledger.without(unmake(unwanted, facts)));
    }

    /** Latest first: addresses go before the silence about them. Answers those that are no longer ours. */
    private List<Change> unmake(List<Change> changes, Facts facts) {
        List<Change> done = new ArrayList<>();
        for (Change change : changes.reversed()) {
            Optional<Refused> failed = Optional.empty();
            if (change instanceof FilterAdded(String device)) {
                if (attachments != null && change.inForce(facts)) attachments.removeLeftover(device);
            } else if (change.inForce(facts)) {
                failed = performer.unmake(change);
            } else {
                changedMeanwhile(change, facts);
            }
            if (failed.isEmpty()) done.add(change);
            failed.ifPresent(refused -> notes.say(refused.toString()));
        }
        return done;
    }

    private void changedMeanwhile(Change change, Facts facts) {
        if (!(change instanceof Change.SysctlSet set)) return;
        String now = facts.sysctls().get(set.key());
        if (now == null) return; // the interface has gone
        notes.say(set.key() + " was set to " + set.value() + " by us and is " + now
                + " now: something else changed it, so it" + " stays (before us it was " + set.before() + ")");
    }

    /** Notes changes down, then makes those that are not in force. Answers why it could not. */
    private Optional<Refused> change(List<Change> changes, Facts facts) {
        List<Change> fresh =
                changes.stream().filter(c -> !ledger.changes().contains(c)).toList();
        Optional<Refused> failed = store(ledger.and(fresh));
        for (Change change : changes) {
            if (failed.isPresent()) return failed;
            // An address that is there gets its lifetime renewed.
            if (change instanceof VipAdded || !change.inForce(facts)) failed = performer.make(change);
        }
        return failed;
    }

    private Optional<Refused> attach(List<Link> interfaces) {
        if (attachments == null) return Optional.empty();
        if (attachments.outlives()) {
            List<FilterAdded> filters = interfaces.stream()
                    .map(link -> new FilterAdded(link.name()))
                    .toList();
            Optional<Refused> failed = store(
                    ledger.and(filters.stream().filter(f -> !ledger.knows(f)).toList()));
            if (failed.isPresent()) return failed;
        }
        List<String> refusals = attachments.refresh(interfaces);
        refusals.forEach(notes::say);
        boolean deaf = attachments.devices().isEmpty() && !interfaces.isEmpty();
        if (!deaf || assignment.tunnels().isEmpty()) return Optional.empty();
        return Optional.of(new Refused("cannot unwrap tunnels: " + refusals.getFirst(), "free one interface at least"));
    }

    /** Our own addresses are where tunnels may end; the VIPs and lo's are not. */
    private void tellOwnAddresses(Facts facts) {
        if (attachments == null) return;
        Set<IpAddress> own = new HashSet<>();
        for (Address address : facts.addresses()) {
            if (address.index() != facts.loopback()) own.add(Facts.address(address));
        }
        assignment.vips().forEach(own::remove);
        int left = attachments.receiver().own(own);
        if (left > 0) notes.say(left + " of this machine's addresses do not fit: tunnels cannot end at them");
    }

    /**
     * To be called every second or so: renews what expires, serves interfaces that have come, forgets those that have
     * gone, and sees what others changed.
     *
     * @return what is new for an operator
     */
    public List<String> tick(long nowNanos) {
        try {
            look(nowNanos);
        } catch (SyscallException refused) {
            notes.say("could not look: " + refused.getMessage()); // the next tick does
        }
        return notes.take();
    }

    private void look(long nowNanos) {
        Facts facts = Facts.read(socket, sysctls);
        Plan plan = Plan.of(assignment, facts.before(ledger));
        plan.notes().forEach(notes::say);
        plan.refusals().forEach(refused -> notes.say(refused.toString()));
        for (Change change : ledger.changes()) watch(change, facts);
        if (plan.refusals().isEmpty()) {
            List<Change> fresh =
                    plan.changes().stream().filter(c -> !ledger.knows(c)).toList();
            change(fresh, facts).ifPresent(refused -> notes.say(refused.toString()));
            attach(plan.interfaces()).ifPresent(refused -> notes.say(refused.toString()));
        }
        renew(nowNanos);
        tellOwnAddresses(facts);
        if (answerWatch != null) answerWatch.look(notes);
    }

    private void watch(Change change, Facts facts) {
        if (change.inForce(facts)) return;
        switch (change) {
            case Change.SysctlSet set -> {
                String now = facts.sysctls().get(set.key());
                if (now == null) return;
                notes.say(set.key() + " should be " + set.value() + " and something else set it to " + now
                        + ": VIPs may be answered for; it is left so");
            }
            case VipAdded added -> {
                notes.say(added.vip() + " was taken off lo by something else: it is put back");
                performer.make(added).ifPresent(refused -> notes.say(refused.toString()));
            }
            case FilterAdded _ -> {}
        }
    }

    private void renew(long nowNanos) {
        if (assignment.leaseSeconds() == 0) return;
        long every = TimeUnit.SECONDS.toNanos(assignment.leaseSeconds()) / RENEWALS;
        if (nowNanos - renewedNanos < every) return;
        renewedNanos = nowNanos;
        for (Change change : ledger.changes()) {
            if (change instanceof VipAdded) performer.make(change).ifPresent(refused -> notes.say(refused.toString()));
        }
    }

    /** The interfaces whose packets the program sees. */
    public List<String> devices() {
        return attachments == null ? List.of() : attachments.devices();
    }

    /** What came in so far; empty if nothing is counted. */
    public Map<Outcome, Long> received() {
        return attachments == null ? Map.of() : attachments.receiver().received();
    }

    /** What was found out about the daemons behind the VIPs. */
    public List<DaemonCheck.Finding> checkDaemons() {
        return DaemonCheck.now(assignment);
    }

    /** Where UDP answers left from, by the checks that watch them; empty if nothing is counted. */
    public Map<Check, Answers> answers() {
        return answerWatch == null ? Map.of() : answerWatch.answers();
    }

    private Optional<Refused> store(Ledger next) {
        Optional<Refused> failed = next.equals(ledger) ? Optional.empty() : file.store(next);
        if (failed.isEmpty()) ledger = next;
        return failed;
    }

    /** Undoes everything; answers what an operator should know. Doing it again does nothing. */
    public List<String> undo() {
        try {
            Facts facts = Facts.read(socket, sysctls);
            store(ledger.without(unmake(ledger.changes(), facts))).ifPresent(refused -> notes.say(refused.toString()));
            if (attachments != null) attachments.close();
            attachments = null;
            answerWatch = null;
        } catch (SyscallException refused) {
            notes.say("could not be undone: " + refused.getMessage() + " (try 'evenkeel realserver --undo')");
        }
        return notes.take();
    }

    /** Lets go of what this process holds; {@link #undo} first. */
    @Override
    public void close() {
        let();
    }

    private void let() {
        if (attachments != null) attachments.close();
        attachments = null;
        answerWatch = null;
        socket.close();
        file.close();
    }
}
