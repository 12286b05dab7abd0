package io.evenkeel.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.IpAddress;
import io.evenkeel.model.Scheduling;
import io.evenkeel.schedule.Schedule.Candidate;
import io.evenkeel.schedule.Schedule.Eligibility;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotTableTest {
    private static final int CLIENTS = 5_000;
    private static final Scheduling SH = new Scheduling.SourceHash(false, false);
    private static final Scheduling SH_FALLBACK = new Scheduling.SourceHash(false, true);
    private static final Scheduling MH = new Scheduling.Maglev(false, false);
    private static final Scheduling MH_FALLBACK = new Scheduling.Maglev(false, true);

    @Test
    void absentOneIsAsIfItWereNotConfigured() {
        for (Scheduling scheduling : List.of(SH, MH, new Scheduling.DestinationHash())) {
            List<Candidate> with = withChange(1, new Candidate(Candidates.endpoint(1), 2, 2, false));
            List<Candidate> without = new ArrayList<>(Candidates.weighing(1, 2, 3));
            without.remove(1);
            assertThat(endpoints(scheduling, with, Candidates.ALL))
                    .isEqualTo(endpoints(scheduling, without, Candidates.ALL));
        }
    }

    @Test
    void returnedOneRegainsItsPlace() {
        List<Candidate> before = Candidates.weighing(1, 2, 3);
        List<Candidate> after = new ArrayList<>(withChange(1, new Candidate(Candidates.endpoint(1), 2, 2, false)));
        after.set(1, before.get(1));
        assertThat(endpoints(MH, after, Candidates.ALL)).isEqualTo(endpoints(MH, before, Candidates.ALL));
    }

    @Test
    void withoutFallbackClientsOfAnUnusableOneAreRefused() {
        for (Scheduling scheduling : List.of(SH, MH)) {
            List<Candidate> candidates = Candidates.weighing(1, 2, 3);
            List<String> all = endpoints(scheduling, candidates, Candidates.ALL);
            List<String> some = endpoints(scheduling, candidates, Candidates.allBut(1));
            String lost = Candidates.endpoint(1).toString();
            for (int i = 0; i < CLIENTS; i++) {
                assertThat(some.get(i)).isEqualTo(all.get(i).equals(lost) ? "none" : all.get(i));
            }
        }
    }

    @Test
    void withFallbackOnlyClientsOfAnUnusableOneMove() {
        for (Scheduling scheduling : List.of(SH_FALLBACK, MH_FALLBACK)) {
            List<Candidate> candidates = Candidates.weighing(1, 2, 3);
            List<String> all = endpoints(scheduling, candidates, Candidates.ALL);
            List<String> some = endpoints(scheduling, candidates, Candidates.allBut(1));
            String lost = Candidates.endpoint(1).toString();
            assertThat(all).contains(lost);
            assertThat(some).doesNotContain(lost, "none");
            for (int i = 0; i < CLIENTS; i++) {
                if (!all.get(i).equals(lost)) assertThat(some.get(i)).isEqualTo(all.get(i));
            }
        }
    }

    @Test
    void drainingOneHasItsClientsWalkEvenWithoutTheFallbackFlag() {
        Candidate draining = new Candidate(Candidates.endpoint(1), 0, 2, true, true);
        for (Scheduling scheduling : List.of(SH, MH, new Scheduling.DestinationHash())) {
            assertThat(endpoints(scheduling, withChange(1, draining), Candidates.ALL))
                    .doesNotContain("none", draining.endpoint().toString());
        }
    }

    @Test
    void suspectOneKeepsItsClientsWhenThereIsNoFallback() {
        Eligibility suspect = new Eligibility() {
            @Override
            public boolean usable(int index) {
                return index != 1;
            }

            @Override
            public boolean tolerable(int index) {
                return true;
            }
        };
        List<Candidate> candidates = Candidates.weighing(1, 2, 3);
        for (Scheduling scheduling : List.of(SH, MH, new Scheduling.DestinationHash())) {
            assertThat(endpoints(scheduling, candidates, suspect))
                    .isEqualTo(endpoints(scheduling, candidates, Candidates.ALL));
        }
        for (Scheduling scheduling : List.of(SH_FALLBACK, MH_FALLBACK)) {
            assertThat(endpoints(scheduling, candidates, suspect))
                    .isEqualTo(endpoints(scheduling, candidates, Candidates.allBut(1)));
        }
    }

    @Test
    void quiescedOneKeepsItsPlaceInMaglevSoThatNobodyElseMoves() {
        List<String> before = endpoints(MH_FALLBACK, Candidates.weighing(1, 2, 3), Candidates.ALL);
        Candidate quiesced = new Candidate(Candidates.endpoint(1), 0, 2, true);
        List<String> after = endpoints(MH_FALLBACK, withChange(1, quiesced), Candidates.ALL);
        for (int i = 0; i < CLIENTS; i++) {
            if (!before.get(i).equals(quiesced.endpoint().toString())) {
                assertThat(after.get(i)).isEqualTo(before.get(i));
            }
        }
    }

    @Test
    void nobodyUsableMeansNone() {
        for (Scheduling scheduling : List.of(SH_FALLBACK, MH_FALLBACK, new Scheduling.DestinationHash())) {
            assertThat(endpoints(scheduling, Candidates.weighing(1, 2), index -> false))
                    .containsOnly("none");
            assertThat(endpoints(scheduling, List.of(), Candidates.ALL)).containsOnly("none");
        }
        assertThat(endpoints(MH, Candidates.weighing(0, 0), Candidates.ALL)).containsOnly("none");
        assertThat(endpoints(SH, Candidates.weighing(0, 0), Candidates.ALL)).containsOnly("none");
    }

    @Test
    void portsMatterOnlyWithThePortFlag() {
        List<Candidate> candidates = Candidates.weighing(1, 1, 1, 1);
        for (boolean withPort : List.of(false, true)) {
            for (Scheduling scheduling :
                    List.of(new Scheduling.SourceHash(withPort, false), new Scheduling.Maglev(withPort, false))) {
                SlotTable table = compile(scheduling, candidates, false);
                long distinct = java.util.stream.IntStream.range(1_000, 2_000)
                        .map(port -> table.pick(false, 0, 77, port, 0, 0, Candidates.ALL))
                        .distinct()
                        .count();
                assertThat(distinct).isEqualTo(withPort ? 4 : 1);
            }
        }
    }

    @Test
    void allWordsOfAnIpv6AddressCount() {
        SlotTable table = compile(MH, Candidates.weighing(1, 1, 1, 1, 1, 1, 1, 1), false);
        IpAddress base = IpAddress.of("2001:db8::1");
        for (int shift : List.of(0, 32, 64, 96)) {
            long distinct = java.util.stream.LongStream.range(1, 200)
                    .mapToInt(n -> table.pick(
                            true,
                            base.high() ^ (shift >= 64 ? n << (shift - 64) : 0),
                            base.low() ^ (shift < 64 ? n << shift : 0),
                            0,
                            0,
                            0,
                            Candidates.ALL))
                    .distinct()
                    .count();
            assertThat(distinct).as("bits from %s", shift).isEqualTo(8);
        }
    }

    @Test
    void canonicalOrderDoesNotDependOnTheFile() {
        List<Candidate> forward = Candidates.weighing(1, 2, 3);
        for (Scheduling scheduling : List.of(SH, MH, new Scheduling.DestinationHash())) {
            assertThat(endpoints(compile(scheduling, forward, true), forward, Candidates.ALL))
                    .isEqualTo(endpoints(
                            compile(scheduling, forward.reversed(), true), forward.reversed(), Candidates.ALL));
        }
        assertThat(endpoints(SH, forward, Candidates.ALL))
                .isNotEqualTo(endpoints(SH, forward.reversed(), Candidates.ALL));
    }

    private static List<Candidate> withChange(int index, Candidate change) {
        List<Candidate> candidates = new ArrayList<>(Candidates.weighing(1, 2, 3));
        candidates.set(index, change);
        return candidates;
    }

    private static SlotTable compile(Scheduling scheduling, List<Candidate> candidates, boolean canonical) {
        return (SlotTable) Schedule.compile(scheduling, candidates, false, canonical);
    }

    private static List<String> endpoints(Scheduling scheduling, List<Candidate> candidates, Eligibility eligibility) {
        return endpoints(compile(scheduling, candidates, false), candidates, eligibility);
    }

    /** Where each of {@link #CLIENTS} clients goes, or {@code none}. */
    private static List<String> endpoints(SlotTable table, List<Candidate> candidates, Eligibility eligibility) {
        List<String> endpoints = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int pick = table.pick(false, 0, 0xc613_0000L + i * 7L, 5_000, 0, 0xc612_0000L + i, eligibility);
            endpoints.add(
                    pick == Schedule.NONE
                            ? "none"
                            : candidates.get(pick).endpoint().toString());
        }
        return endpoints;
    }
}
