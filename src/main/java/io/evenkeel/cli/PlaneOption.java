package io.evenkeel.cli;

import io.evenkeel.daemon.PlaneChoice;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code --plane}, for the director and for those who judge its configuration beforehand. */
final class PlaneOption {
    @Option(
            names = "--plane",
            paramLabel = "auto|kernel|socket",
            converter = Converter.class,
            description = "What forwards packets. Default: auto, for now the socket plane; status says which and why.")
    private PlaneChoice choice = PlaneChoice.AUTO;

    PlaneChoice choice() {
        return choice;
    }

    static final class Converter implements ITypeConverter<PlaneChoice> {
        @Override
        public PlaneChoice convert(String word) {
            for (PlaneChoice choice : PlaneChoice.values())
                if (choice.toString().equals(word)) return choice;
            throw new TypeConversionException("'" + word + "' is none of auto, kernel, socket");
        }
    }
}
