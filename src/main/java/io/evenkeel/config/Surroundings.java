package io.evenkeel.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a file may ask about the machine it is read on. Immutable; any thread.
 *
 * @param configId what {@code @ID} and {@code $_INSTANCE} compare with; keepalived's default is the short host name
 * @param environment for {@code ${_ENV NAME}}
 */
record Surroundings(String configId, Map<String, String> environment) {

    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    Surroundings {
        environment = Map.copyOf(environment);
    }

    static Surroundings ofThisMachine() {
        return new Surroundings(shortHostName(), System.getenv());
    }

    private static String shortHostName() {
        try {
            String name = Files.readString(HOST_NAME).strip();
            int dot = name.indexOf('.');
            return dot < 0 ? name : name.substring(0, dot);
        } catch (IOException e) {
            return "localhost"; // a kernel without /proc has no other name to offer without DNS
        }
    }
}
