package io.evenkeel.cli;

import io.evenkeel.dataplane.kernel.Instance;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --instance}, for the director and for who cleans up after it. */
final class InstanceOption {
    @Option(
            names = "--instance",
            paramLabel = "NAME",
            converter = Converter.class,
            description = "Whose part of the kernel this is, on the kernel plane: " + Instance.FORM
                    + ". Default: a name made of the runtime directory.")
    private @Nullable Instance instance;

    /** The name given, or that of the director in this directory. */
    Instance locate(Path runtimeDirectory) {
        return instance != null ? instance : Instance.of(runtimeDirectory);
    }

    static final class Converter implements ITypeConverter<Instance> {
        @Override
        public Instance convert(String word) {
            return Instance.parse(word)
                    .orElseThrow(() -> new TypeConversionException("'" + word + "' is not " + Instance.FORM));
        }
    }
}
