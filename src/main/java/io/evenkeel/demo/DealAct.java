package io.evenkeel.demo;

import io.evenkeel.traffic.Addresses;
import io.evenkeel.traffic.Audit;
import io.evenkeel.traffic.Pacing;
import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.ServerRecord;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The first act: all realservers live, one client socket, exact shares, every reply from the virtual address. */
final class DealAct {
    private static final int RUN = 1;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Scene scene;

    DealAct(Scene scene) {
        this.scene = scene;
    }

    SendRecord play() throws IOException, InterruptedException {
        DemoSettings settings = scene.settings();
        Pacing pacing = new Pacing.ClosedLoop(settings.outstanding(), Scene.BEAT);
        SendPlan plan = SendPlan.withReplies(scene.stage().vip(), settings.requests())
                .paced(pacing)
                .run(RUN);
        long from = System.nanoTime();
        Scene.Client client = scene.new Client(plan, settings.requests());
        client.watch(PATIENCE, client::done);
        SendRecord sent = client.end();
        judge(sent, Scene.millisSince(from));
        return sent;
    }

    private void judge(SendRecord sent, long millis) throws IOException {
        Map<String, ServerRecord> records = new LinkedHashMap<>();
        for (int i = 0; i < DemoSettings.SERVERS; i++) {
            records.put(scene.name(i), scene.stage().server(i).report());
        }
        Audit audit = new Audit(sent, records);
        Map<String, Long> split = audit.split();
        scene.tell(new DemoEvent.SplitMeasured(
                sent.sent(), split, sent.replies(), audit.unanswered(), sent.strangeReplies(), millis));

        long share = scene.settings().requests() / DemoSettings.SERVERS;
        scene.claim(
                "each realserver received exactly " + share,
                split.values().stream().allMatch(n -> n == share),
                split.values().toString());
        scene.claim(
                "nothing was lost and nothing came twice",
                audit.lost() + audit.duplicates() == 0,
                audit.lost() + " lost, " + audit.duplicates() + " twice");
        scene.claim(
                "every request was answered once",
                answeredOnce(sent),
                sent.replies() + " replies to " + sent.sent() + " requests");
        scene.claim(
                "every reply came from " + Addresses.text(scene.stage().vip()),
                sent.strangeReplies() == 0,
                sent.strangeReplies() + " did not");
    }

    private boolean answeredOnce(SendRecord sent) {
        return sent.sent() == scene.settings().requests()
                && sent.answered() == sent.sent()
                && sent.replies() == sent.sent()
                && sent.misdelivered() + sent.damagedReplies() + sent.foreignReplies() == 0;
    }
}
