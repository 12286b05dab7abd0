package io.evenkeel.cli;

import io.evenkeel.demo.Demo;
import io.evenkeel.demo.DemoEvent;
import io.evenkeel.demo.DemoSettings;
import io.evenkeel.demo.DemoText;
import io.evenkeel.traffic.SameProgram;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code evenkeel demo}. */
@Command(
        name = "demo",
        header = "Show the main job for real, on loopback and without privilege.",
        description =
                "A director, three realservers, 90,000 datagrams from one socket; then one realserver is killed and"
                        + " comes back. Exit status 0 only if every claim held.")
final class DemoCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--json", description = "As data, on stdout, when it is over.")
    private boolean json;

    DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        List<DemoEvent> events = new ArrayList<>();
        DemoSettings settings = DemoSettings.standard(SameProgram.current());
        boolean held = Demo.run(settings, DemoStatus::read, event -> {
            if (json) events.add(event);
            else show(event);
        });
        if (json) terminal.out().println(document(held, events));
        return (held ? ExitStatus.OK : ExitStatus.FAILED).code();
    }

    private void show(DemoEvent event) {
        terminal.out().println(DemoText.of(event));
        terminal.out().flush();
    }

    /** {@code {"held": …, "events": [{"event": "SplitMeasured", …}, …]}}. */
    static String document(boolean held, List<DemoEvent> events) {
        JsonMapper mapper = JsonMapper.builder().build();
        ObjectNode document = mapper.createObjectNode();
        document.put("held", held);
        ArrayNode list = document.putArray("events");
        for (DemoEvent event : events) {
            ObjectNode node = list.addObject().put("event", event.getClass().getSimpleName());
            node.setAll((ObjectNode) mapper.valueToTree(event));
        }
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(document);
    }
}
