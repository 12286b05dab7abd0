package io.evenkeel;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds the code to the table of rooms in ARCHITECTURE.md: who may use whom, and what each room says of itself. */
class RoomsTest {
    private static final String ROOT = "io.evenkeel";
    private static final Pattern ROW = Pattern.compile("^\\| `([a-z.]+)` \\| (.+) \\| (.+) \\|$");
    private static final Path SOURCES = Path.of("src/main/java/io/evenkeel");

    private static Map<String, Set<String>> mayUse;
    private static JavaClasses classes;

    @BeforeAll
    static void readTable() throws IOException {
        mayUse = new TreeMap<>();
        String page = Files.readString(Path.of("ARCHITECTURE.md"));
        String rooms = page.substring(page.indexOf("## Rooms"), page.indexOf("## How things travel"));
        rooms.lines()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .forEach(row -> mayUse.put(row.group(1), names(row.group(3))));
        mayUse.replaceAll((room, used) -> used.contains("all") ? Set.copyOf(mayUse.keySet()) : used);
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages(ROOT);
    }

    @Test
    void everyPackageIsARoomOfTheTableAndEveryRoomIsAPackage() throws IOException {
        Set<String> packages = new TreeSet<>();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            files.filter(f -> f.getFileName().toString().equals("package-info.java"))
                    .forEach(f -> packages.add(
                            SOURCES.relativize(f.getParent()).toString().replace('/', '.')));
        }
        assertThat(packages).isEqualTo(mayUse.keySet());
        assertThat(classes).isNotEmpty().allSatisfy(c -> assertThat(mayUse).containsKey(room(c)));
    }

    @Test
    void everyArrowStandsInTheTable() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass from : classes) {
            from.getDirectDependenciesFromSelf().stream()
                    .map(d -> d.getTargetClass().getBaseComponentType())
                    .filter(to -> to.getPackageName().startsWith(ROOT))
                    .filter(to -> !room(to).equals(room(from))
                            && !mayUse.get(room(from)).contains(room(to)))
                    .forEach(to -> wrong.add(from.getName() + " uses " + to.getName()));
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void onlyLinuxReachesNativeCode() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass from : classes) {
            if (room(from).equals("linux")) continue;
            from.getDirectDependenciesFromSelf().stream()
                    .map(d -> d.getTargetClass().getName())
                    .filter(n -> n.equals("java.lang.foreign.Linker") || n.equals("java.lang.foreign.SymbolLookup"))
                    .forEach(n -> wrong.add(from.getName() + " uses " + n));
            from.getMethodCallsFromSelf().stream()
                    .filter(call -> call.getTarget().getName().equals("reinterpret"))
                    .forEach(call -> wrong.add(from.getName() + " calls reinterpret"));
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void onlyTheCliPrintsOrEndsTheProcess() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass from : classes) {
            if (room(from).equals("cli")) continue;
            from.getFieldAccessesFromSelf().stream()
                    .filter(a -> a.getTargetOwner().getName().equals("java.lang.System"))
                    .filter(a -> a.getTarget().getName().matches("out|err"))
                    .forEach(a -> wrong.add(from.getName() + " prints"));
            from.getMethodCallsFromSelf().stream()
                    .filter(c -> c.getTargetOwner().getName().equals("java.lang.System"))
                    .filter(c -> c.getTarget().getName().equals("exit"))
                    .forEach(c -> wrong.add(from.getName() + " calls System.exit"));
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void noRoomUsesAnotherInACircle() {
        for (String room : mayUse.keySet()) {
            if (room.equals("cli")) continue;
            assertThat(reachable(room)).as("what %s reaches", room).doesNotContain(room);
        }
    }

    @Test
    void everyRoomSaysItsFiveLines() throws IOException {
        for (String room : mayUse.keySet()) {
            List<String> page =
                    Files.readAllLines(SOURCES.resolve(room.replace('.', '/')).resolve("package-info.java"));
            for (String line : List.of("Job", "May use", "Owner thread", "Entry type", "Source")) {
                assertThat(page)
                        .as("%s: %s", room, line)
                        .anyMatch(l -> l.startsWith(" * " + line + ": ") && l.length() > line.length() + 6);
            }
        }
    }

    private static Set<String> names(String cell) {
        if (cell.equals("nothing")) return Set.of();
        return new TreeSet<>(List.of(cell.split(", ")));
    }

    private static String room(JavaClass type) {
        return type.getPackageName().equals(ROOT) ? "" : type.getPackageName().substring(ROOT.length() + 1);
    }

    private static Set<String> reachable(String start) {
        Set<String> seen = new TreeSet<>();
        Set<String> open = new TreeSet<>(mayUse.get(start));
        while (!open.isEmpty()) {
            String next = open.iterator().next();
            open.remove(next);
            if (seen.add(next)) open.addAll(mayUse.get(next));
        }
        return seen;
    }
}
