package io.evenkeel.model;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** One checker of a realserver, with keepalived's meaning (reference: keepalived checkers; rise and fall are ours). */
public sealed interface Check {

    Timing timing();

    /** keepalived's block name, e.g. {@code TCP_CHECK}. */
    String keyword();

    /**
     * When to probe and how outcomes count.
     *
     * @param delayLoop from one probe to the next, ≥ 1 µs
     * @param retry extra attempts after a first failure before the verdict falls, ≥ 0
     * @param delayBeforeRetry from a failure to the extra attempt
     * @param warmup the first probe waits a random part of this; zero probes at once
     * @param timeout for the whole probe (keepalived's {@code connect_timeout}, which there is per step)
     * @param rise passing probes in a row that raise a failed check, ≥ 1 (extension; keepalived: 1)
     * @param fall failing rounds in a row that fell it, ≥ 1; each round has its retries (extension; keepalived: 1)
     * @param alpha starts failed and must pass first
     */
    record Timing(
            Duration delayLoop,
            int retry,
            Duration delayBeforeRetry,
            Duration warmup,
            Duration timeout,
            int rise,
            int fall,
            boolean alpha) {}

    /**
     * Where a probe goes and how it leaves.
     *
     * @param endpoint {@code connect_ip}:{@code connect_port}, else the realserver's
     * @param bindAddress {@code bindto}
     * @param bindPort {@code bind_port}, 0 for any
     * @param bindInterface {@code bind_if}
     * @param fwmark SO_MARK of the probe's socket, 0 for none
     */
    record Target(
            Endpoint endpoint,
            Optional<IpAddress> bindAddress,
            int bindPort,
            Optional<String> bindInterface,
            int fwmark) {}

    /** Connect, then close. */
    record Tcp(Timing timing, Target target) implements Check {
        @Override
        public String keyword() {
            return "TCP_CHECK";
        }
    }

    /**
     * GET each URL in order; all must answer with an accepted status.
     *
     * @param urls at least one
     * @param version HTTP version of the request
     */
    record Http(Timing timing, Target target, List<Url> urls, Version version) implements Check {
        @Override
        public String keyword() {
            return "HTTP_GET";
        }

        /** {@code http_protocol}: 1.0, 1.0 with Connection: close, or 1.1. */
        public enum Version {
            HTTP_1_0,
            HTTP_1_0_CLOSE,
            HTTP_1_1
        }

        /**
         * @param host the Host header ({@code virtualhost}); empty means the target's address:port
         * @param statuses accepted status codes, inclusive ranges within 100..599; keepalived's default is 200-299
         */
        public record Url(String path, Optional<String> host, List<StatusRange> statuses) {}

        /** An inclusive range of status codes. */
        public record StatusRange(int first, int last) {}
    }

    /**
     * Send a datagram; silence passes unless a reply is required; a quoted ICMP error fails.
     *
     * @param payload the bytes sent
     * @param reply what must come back, if anything must
     * @param minReplyLength bytes, 0 if unset
     * @param maxReplyLength bytes, keepalived's default 255
     */
    record Udp(
            Timing timing,
            Target target,
            HexBytes payload,
            Optional<ReplyPattern> reply,
            int minReplyLength,
            int maxReplyLength)
            implements Check {
        @Override
        public String keyword() {
            return "UDP_CHECK";
        }
    }

    /**
     * {@code require_reply}: any reply, or one whose nibbles match.
     *
     * @param nibbles hexadecimal digits, {@code X} matching any; empty matches every reply. Compared over the shorter
     *     of pattern and reply.
     */
    record ReplyPattern(String nibbles) {}

    /** Bytes compared by value, printed as hexadecimal. */
    record HexBytes(String hex) {
        /** From lower-case or upper-case hexadecimal of even length. */
        public byte[] toBytes() {
            return HexFormat.of().parseHex(hex);
        }
    }

    /** ICMP echo through an unprivileged datagram socket. */
    record Ping(Timing timing, Target target) implements Check {
        @Override
        public String keyword() {
            return "PING_CHECK";
        }
    }

    /**
     * Run a program without a shell in its own process group; exit status 0 passes.
     *
     * @param command program and arguments, at least one element
     * @param timeout SIGTERM to the group at this age, SIGKILL 2 s later
     * @param dynamic exit status 2..255 sets the weight to status − 2 ({@code misc_dynamic})
     */
    record Misc(Timing timing, List<String> command, Duration timeout, boolean dynamic) implements Check {
        @Override
        public String keyword() {
            return "MISC_CHECK";
        }
    }
}
