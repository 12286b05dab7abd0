package io.evenkeel.health;

import io.evenkeel.model.Check;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What HTTP_GET sends: request line, User-Agent, Connection where asked for, Host. Pure; any thread. */
final class HttpRequest {
    private HttpRequest() {}

    static final String USER_AGENT = "Evenkeel";

    /** The bytes, or empty if path or host hold a space or control character, which would forge lines. */
    static Optional<byte[]> bytes(Check.Http check, Check.Http.Url url) {
        String host = url.host().orElseGet(() -> check.target().endpoint().toString());
        if (!sendable(url.path()) || !sendable(host)) return Optional.empty();
        String version = check.version() == Check.Http.Version.HTTP_1_1 ? "1.1" : "1.0";
        String close = check.version() == Check.Http.Version.HTTP_1_0_CLOSE ? "Connection: close\r\n" : "";
        String text = "GET " + url.path() + " HTTP/" + version + "\r\n" + "User-Agent: " + USER_AGENT + "\r\n" + close
                + "Host: " + host + "\r\n\r\n";
        return Optional.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean sendable(String text) {
        return !text.isEmpty() && text.chars().noneMatch(c -> c <= ' ' || c == 127);
    }
}
