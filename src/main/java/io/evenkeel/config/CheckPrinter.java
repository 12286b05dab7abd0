package io.evenkeel.config;

import io.evenkeel.model.Check;
import io.evenkeel.model.Check.Http.StatusRange;
import io.evenkeel.model.RealServer;
import java.time.Duration;
import java.util.List;

/** Writes one check of a real_server. One thread. */
final class CheckPrinter {

    private final BlockWriter out;
    private final RealServer server;

    CheckPrinter(BlockWriter out, RealServer server) {
        this.out = out;
        this.server = server;
    }

    void print(Check check) {
        out.open(check.keyword());
        switch (check) {
            case Check.Tcp tcp -> common(tcp.timing(), tcp.target(), CheckBinder.ONE_SECOND);
            case Check.Ping ping -> common(ping.timing(), ping.target(), CheckBinder.ONE_SECOND);
            case Check.Http http -> http(http);
            case Check.Udp udp -> udp(udp);
            case Check.Misc misc -> misc(misc);
        }
        out.close();
    }

    private void common(Check.Timing timing, Check.Target target, Inherited.Defaults defaults) {
        timing(timing, defaults);
        out.unless("connect_timeout", timing.timeout(), Inherited.CONNECT_TIMEOUT);
        target(target);
    }

    private void timing(Check.Timing timing, Inherited.Defaults defaults) {
        out.unless("delay_loop", timing.delayLoop(), Inherited.DELAY_LOOP);
        out.unless("retry", timing.retry(), defaults.retry());
        out.unless("delay_before_retry", timing.delayBeforeRetry(), defaults.delayBeforeRetry());
        out.unless("warmup", timing.warmup(), timing.delayLoop());
        out.unless("rise", timing.rise(), 1);
        out.unless("fall", timing.fall(), 1);
        if (timing.alpha() != server.alpha()) out.line("alpha " + (timing.alpha() ? "on" : "off"));
    }

    private void target(Check.Target target) {
        boolean elsewhere =
                !target.endpoint().address().equals(server.endpoint().address());
        if (elsewhere) out.line("connect_ip " + target.endpoint().address());
        out.unless("connect_port", target.endpoint().port(), server.endpoint().port());
        target.bindAddress().ifPresent(a -> out.line("bindto " + a));
        out.unless("bind_port", target.bindPort(), 0);
        target.bindInterface().ifPresent(i -> out.line("bind_if " + BlockWriter.word(i)));
        if (target.fwmark() != 0) out.line("fwmark " + Integer.toUnsignedString(target.fwmark()));
    }

    private void http(Check.Http http) {
        common(http.timing(), http.target(), CheckBinder.HTTP);
        switch (http.version()) {
            case HTTP_1_0 -> {}
            case HTTP_1_0_CLOSE -> out.line("http_protocol 1.0C");
            case HTTP_1_1 -> out.line("http_protocol 1.1");
        }
        for (Check.Http.Url url : http.urls()) {
            out.open("url");
            out.line("path " + BlockWriter.word(url.path()));
            url.host().ifPresent(h -> out.line("virtualhost " + BlockWriter.word(h)));
            if (!url.statuses().equals(List.of(HttpUrls.SUCCESS))) {
                for (StatusRange range : url.statuses()) out.line("status_code " + status(range));
            }
            out.close();
        }
    }

    private static String status(StatusRange range) {
        return range.first() == range.last() ? Integer.toString(range.first()) : range.first() + "-" + range.last();
    }

    private void udp(Check.Udp udp) {
        common(udp.timing(), udp.target(), CheckBinder.ONE_SECOND);
        if (!udp.payload().hex().equals(CheckBinder.DEFAULT_PAYLOAD)) {
            out.line("payload " + BlockWriter.word(udp.payload().hex()));
        }
        udp.reply().ifPresent(r -> out.line(("require_reply " + r.nibbles()).stripTrailing()));
        out.unless("min_reply_length", udp.minReplyLength(), 0);
        out.unless("max_reply_length", udp.maxReplyLength(), CheckBinder.DEFAULT_MAX_REPLY);
    }

    private void misc(Check.Misc misc) {
        timing(misc.timing(), CheckBinder.MISC);
        out.line("misc_path " + CommandLine.print(misc.command()));
        Duration timeout = misc.timeout();
        out.unless("misc_timeout", timeout, misc.timing().delayLoop());
        out.flag("misc_dynamic", misc.dynamic());
    }
}
