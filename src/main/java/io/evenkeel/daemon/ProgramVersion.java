package io.evenkeel.daemon;

import java.lang.module.ModuleDescriptor;

/** Which Evenkeel this is. Pure; any thread. */
public final class ProgramVersion {
    private ProgramVersion() {}

    /** As the build wrote it into the module, e.g. {@code 0.1.0}; {@code unbuilt} outside a module. */
    public static String text() {
        ModuleDescriptor descriptor = ProgramVersion.class.getModule().getDescriptor();
        return descriptor == null ? "unbuilt" : descriptor.rawVersion().orElse("unbuilt");
    }
}
