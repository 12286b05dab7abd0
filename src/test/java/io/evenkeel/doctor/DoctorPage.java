package io.evenkeel.doctor;

import java.util.Locale;
import java.util.stream.Collectors;

/** docs/doctor.md, made of the hazards. */
final class DoctorPage {
    private DoctorPage() {}

    private static final String HEAD = """
            # The doctor

            `evenkeel doctor [FILE] [--plane auto|kernel|socket] [--json]` examines the machine, or rather the network namespace it
            runs in, for what would lose packets, send them the wrong way or keep a data plane from running. It changes nothing. For
            each finding it says what was found and where, why it matters, and the command that mends it.

            With FILE it looks at the interfaces that the kernel's routes lead to: the VIPs' (or the default route's) for clients,
            and those of the realservers; and at every VIP and realserver. Without FILE it looks at every Ethernet interface that is
            up. `--plane` leaves out what concerns only the other plane; `auto` looks for both, and where the kernel plane cannot
            run what concerns it alone is no more than a note, since the socket plane serves.

            | severity | meaning |
            |---|---|
            """;

    private static final String TABLE = """

            Exit status 0 if nothing is worse than a note, 1 if something is; 2 and 3 as for `run` if FILE is of no use.

            Needs no privilege, but sees more as root: the names of others' programs, what hangs at TC, and the other end of a veth
            that is in another network namespace. What it could not read stands under `not looked at`, and what depends on it was
            not judged.

            ## What it looks for

            | word | plane | usually | why |
            |---|---|---|---|
            """;

    private static final String TAIL = """

            ## What it cannot see

            It sees one machine at one moment. Whether a realserver's routes lead back here, whether a switch or a firewall between
            lets packets pass, and whether two directors hold one address, it cannot tell: `server-bypasses` therefore speaks of a
            layout, and stays when the routes that it advises are set on the realserver. Interfaces beneath a bridge or a bond, and
            hosts' settings of virtual machines, are not followed.

            With `--json` the same is data: `worst`, `examined` (each subject with its worst severity), `findings` (`hazard`,
            `severity`, `planes`, `kind`, `name`, `what`, `why`, `remedies`) and `unread`. Words in capitals in a command are to be
            filled in.
            """;

    static String text() {
        StringBuilder page = new StringBuilder(HEAD);
        for (Severity severity : Severity.values()) {
            page.append("| `")
                    .append(severity.name().toLowerCase(Locale.ROOT))
                    .append("` | ")
                    .append(severity.sentence())
                    .append(" |\n");
        }
        page.append(TABLE);
        for (Hazard hazard : Hazard.values()) {
            String planes = hazard.planes().stream()
                    .map(plane -> plane.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining(", "));
            page.append("| `")
                    .append(hazard.word())
                    .append("` | ")
                    .append(planes)
                    .append(" | ")
                    .append(hazard.severity().name().toLowerCase(Locale.ROOT))
                    .append(" | ")
                    .append(hazard.why())
                    .append(" |\n");
        }
        return page.append(TAIL).toString();
    }
}
