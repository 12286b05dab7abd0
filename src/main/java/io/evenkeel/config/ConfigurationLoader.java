package io.evenkeel.config;

import java.nio.file.Path;

/** Reads a {@code keepalived.conf}. The one way into this room. */
public final class ConfigurationLoader {
    private ConfigurationLoader() {}

    /** Reads {@code file} and all it includes. Never throws for what the text or the file system holds. */
    public static Loaded load(Path file) {
        throw new UnsupportedOperationException("config room: to be built");
    }
}
