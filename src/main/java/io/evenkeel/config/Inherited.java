package io.evenkeel.config;

import io.evenkeel.config.SyntaxTree.Statement;
import io.evenkeel.model.Check;
import java.time.Duration;
import java.util.Optional;

/**
 * The settings of checks that may be written at three levels: in a virtual_server, in a real_server, in a check. What a
 * level does not say, the one around it says, and at last the default of the check. Mutable while a block is read; one
 * thread.
 */
final class Inherited {

    /** keepalived's, when nothing is written. */
    static final Duration DELAY_LOOP = Duration.ofMinutes(1);

    static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private static final Duration MICROSECOND = Duration.ofNanos(1_000);
    /** A host name (RFC 1035) and a port. */
    static final int MAX_HOST = 261;

    private static final int MAX_RISE = 1_000;

    /** What differs by check: HTTP_GET waits 3 s before it tries again, MISC_CHECK does not try again. */
    record Defaults(int retry, Duration delayBeforeRetry) {}

    private Optional<Duration> delayLoop = Optional.empty();
    private Optional<Integer> retry = Optional.empty();
    private Optional<Duration> delayBeforeRetry = Optional.empty();
    private Optional<Duration> warmup = Optional.empty();
    private Optional<Duration> connectTimeout = Optional.empty();
    private Optional<Integer> rise = Optional.empty();
    private Optional<Integer> fall = Optional.empty();
    private Optional<Boolean> alpha = Optional.empty();
    private Optional<String> virtualHost = Optional.empty();

    /** Reads one of the keywords of this class; {@code statement} is one of them. */
    void read(Statement statement, Values values) {
        switch (statement.word()) {
            case "delay_loop" -> delayLoop = values.timer(statement, MICROSECOND, Values.MAX_TIMER);
            case "retry", "nb_get_retry" -> retry = boxed(values, statement, 0, Integer.MAX_VALUE);
            case "delay_before_retry" -> delayBeforeRetry = values.timer(statement, Duration.ZERO, Values.MAX_TIMER);
            case "warmup" -> warmup = values.timer(statement, Duration.ZERO, Values.MAX_TIMER);
            case "connect_timeout" -> connectTimeout = values.timer(statement, MICROSECOND, Values.MAX_TIMER);
            case "rise" -> rise = boxed(values, statement, 1, MAX_RISE);
            case "fall" -> fall = boxed(values, statement, 1, MAX_RISE);
            case "alpha" -> alpha = values.bool(statement);
            case "virtualhost" -> virtualHost = values.visible(statement, MAX_HOST);
            default -> throw new AssertionError(statement.word() + " is not inherited");
        }
    }

    /** This level, and {@code outer} where it says nothing. */
    Inherited within(Inherited outer) {
        Inherited both = new Inherited();
        both.delayLoop = delayLoop.or(() -> outer.delayLoop);
        both.retry = retry.or(() -> outer.retry);
        both.delayBeforeRetry = delayBeforeRetry.or(() -> outer.delayBeforeRetry);
        both.warmup = warmup.or(() -> outer.warmup);
        both.connectTimeout = connectTimeout.or(() -> outer.connectTimeout);
        both.rise = rise.or(() -> outer.rise);
        both.fall = fall.or(() -> outer.fall);
        both.alpha = alpha.or(() -> outer.alpha);
        both.virtualHost = virtualHost.or(() -> outer.virtualHost);
        return both;
    }

    Check.Timing timing(Defaults defaults) {
        Duration loop = delayLoop.orElse(DELAY_LOOP);
        return new Check.Timing(
                loop,
                retry.orElse(defaults.retry()),
                delayBeforeRetry.orElse(defaults.delayBeforeRetry()),
                warmup.orElse(loop),
                connectTimeout.orElse(CONNECT_TIMEOUT),
                rise.orElse(1),
                fall.orElse(1),
                alpha());
    }

    /** For a check whose time is limited by a keyword of its own. */
    static Check.Timing withTimeout(Check.Timing timing, Duration timeout) {
        return new Check.Timing(
                timing.delayLoop(),
                timing.retry(),
                timing.delayBeforeRetry(),
                timing.warmup(),
                timeout,
                timing.rise(),
                timing.fall(),
                timing.alpha());
    }

    boolean alpha() {
        return alpha.orElse(false);
    }

    Optional<String> virtualHost() {
        return virtualHost;
    }

    private static Optional<Integer> boxed(Values values, Statement statement, int min, int max) {
        return values.integer(statement, min, max).stream().boxed().findFirst();
    }
}
