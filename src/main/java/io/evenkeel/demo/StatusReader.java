package io.evenkeel.demo;

import java.io.IOException;
import java.nio.file.Path;

/** Asks a director how it is. Given by the caller, since this room knows neither control socket nor JSON. */
@FunctionalInterface
public interface StatusReader {

    /** Throws with one line for a person if the director does not answer. */
    DirectorStatus read(Path runtimeDirectory) throws IOException;
}
