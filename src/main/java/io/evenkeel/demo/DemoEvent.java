package io.evenkeel.demo;

import java.util.List;
import java.util.Map;

/** What happens in the demo, in order. {@link DemoText} says it in words; as data it is what {@code --json} prints. */
public sealed interface DemoEvent {

    /** The realservers run, each a process of its own. */
    record RealserversStarted(List<Realserver> realservers) implements DemoEvent {}

    record Realserver(String at, long pid) {}

    /** The configuration, whole, as the director reads it. */
    record ConfigurationWritten(String file, String text) implements DemoEvent {}

    /** The director serves. */
    record DirectorReady(String vip, long pid, long startMillis) implements DemoEvent {}

    /** How far the present act is. */
    record Progress(long sent, long replies, long of, long perSecond) implements DemoEvent {}

    /**
     * The first act is over.
     *
     * @param split requests by realserver, counted there by sequence number
     * @param strangers replies from any other address than the VIP
     */
    record SplitMeasured(
            long requests, Map<String, Long> split, long replies, long unanswered, long strangers, long millis)
            implements DemoEvent {}

    /** A realserver was killed under load. */
    record Killed(String at, long pid, int ratePerSecond) implements DemoEvent {}

    /** The director's status shows a new state of the victim, {@code millis} after the kill. */
    record Noticed(String at, String state, String verdict, String evidence, long millis) implements DemoEvent {}

    /** The realserver runs again, as a new process. */
    record Restarted(String at, long pid) implements DemoEvent {}

    /** It serves again. {@code millis} from its start until it received a datagram. */
    record Returned(String at, long millis) implements DemoEvent {}

    /**
     * The second act is over.
     *
     * @param unanswered requests without a reply, by sequence number
     * @param firstMillis when the first of them was sent, after the kill; may be slightly negative: it was under way
     * @param lastMillis when the last of them was sent, after the kill
     * @param sentWhileFailed the director's own upper bound of what the dead realserver swallowed
     */
    record LossMeasured(long requests, long unanswered, long firstMillis, long lastMillis, long sentWhileFailed)
            implements DemoEvent {}

    /** The director's books at the end. */
    record Accounted(DirectorStatus status) implements DemoEvent {}

    /** What was claimed and whether it held. */
    record Finished(List<Check> checks, long millis) implements DemoEvent {
        public boolean held() {
            return !checks.isEmpty() && checks.stream().allMatch(Check::held);
        }
    }

    record Check(String claim, boolean held, String measured) {}

    /** The demo could not go on. */
    record Broken(String reason, List<String> log) implements DemoEvent {}
}
