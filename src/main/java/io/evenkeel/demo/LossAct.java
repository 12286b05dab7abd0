package io.evenkeel.demo;

import io.evenkeel.traffic.SendPlan;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.TrafficProcess;
import java.io.IOException;
import java.time.Duration;

/** The second act: a realserver dies under load, the director notices, it comes back. */
final class LossAct {
    static final int RUN = 2;

    private static final int VICTIM = 1;
    private static final int LONGEST_SECONDS = 60;
    private static final Duration DETECTION_PATIENCE = Duration.ofSeconds(5);
    private static final Duration RETURN_PATIENCE = Duration.ofSeconds(5);

    /** A request sent this long before the kill may have been under way; status is read this long after the fact. */
    private static final long MARGIN_MILLIS = 100;

    private final Scene scene;
    private final String victim;

    LossAct(Scene scene) {
        this.scene = scene;
        this.victim = scene.name(VICTIM);
    }

    SendRecord play() throws IOException, InterruptedException {
        int rate = scene.settings().ratePerSecond();
        SendPlan plan = SendPlan.oneWay(scene.stage().vip(), (long) LONGEST_SECONDS * rate, rate)
                .answered(1)
                .run(RUN);
        Scene.Client client = scene.new Client(plan, 0);
        client.goOn(Scene.BEAT);
        TrafficProcess process = scene.stage().server(VICTIM);
        long killedNanos = process.kill();
        scene.tell(new DemoEvent.Killed(victim, process.pid(), rate));
        boolean detected = watchItFail(client, killedNanos);
        long detectedMillis = Scene.millisSince(killedNanos);
        scene.claim(
                "the dead realserver was taken out",
                detected,
                detected ? "after " + detectedMillis + " ms" : "not within " + DETECTION_PATIENCE.toSeconds() + " s");
        client.goOn(Scene.BEAT);
        bringBack(client);
        client.goOn(Scene.BEAT);
        SendRecord sent = client.end();
        measureLoss(sent, killedNanos, detectedMillis);
        return sent;
    }

    /** Tells each state the victim goes through; true once it has failed. */
    private boolean watchItFail(Scene.Client client, long killedNanos) throws IOException, InterruptedException {
        String[] told = {"up"};
        return client.watch(DETECTION_PATIENCE, () -> {
            DirectorStatus.Server now = scene.server(VICTIM);
            if (!now.state().equals(told[0])) {
                told[0] = now.state();
                long millis = Scene.millisSince(killedNanos);
                scene.tell(new DemoEvent.Noticed(victim, now.state(), now.verdict(), now.evidence(), millis));
            }
            return now.state().equals("failed");
        });
    }

    private void bringBack(Scene.Client client) throws IOException, InterruptedException {
        scene.stage().restart(VICTIM);
        long from = System.nanoTime();
        TrafficProcess process = scene.stage().server(VICTIM);
        scene.tell(new DemoEvent.Restarted(victim, process.pid()));
        boolean back =
                client.watch(RETURN_PATIENCE, () -> process.report().run(RUN).received() > 0);
        long millis = Scene.millisSince(from);
        if (back) scene.tell(new DemoEvent.Returned(victim, millis));
        scene.claim(
                "the restarted realserver got work again",
                back,
                back ? "after " + millis + " ms" : "not within " + RETURN_PATIENCE.toSeconds() + " s");
    }

    private void measureLoss(SendRecord sent, long killedNanos, long detectedMillis) throws IOException {
        long unanswered = 0;
        long first = 0;
        long last = 0;
        for (int i = 0; i < sent.sent(); i++) {
            if (sent.replyCount(i) > 0) continue;
            long afterKill = Math.floorDiv(sent.sentNanos(i) - killedNanos, 1_000_000L);
            if (unanswered++ == 0) first = afterKill;
            last = afterKill;
        }
        scene.tell(new DemoEvent.LossMeasured(
                sent.sent(), unanswered, first, last, scene.server(VICTIM).sentWhileFailed()));
        boolean inTime = unanswered == 0 || (first >= -MARGIN_MILLIS && last <= detectedMillis + MARGIN_MILLIS);
        scene.claim(
                "nothing was lost but between its death and its detection",
                inTime,
                unanswered == 0
                        ? "nothing lost"
                        : unanswered + " sent " + first + " .. " + last + " ms after the kill");
        scene.claim(
                "every reply still came from the virtual address",
                sent.strangeReplies() + sent.misdelivered() == 0,
                (sent.strangeReplies() + sent.misdelivered()) + " did not");
    }
}
