package io.evenkeel.scenario;

import io.evenkeel.lab.Rig;
import io.evenkeel.traffic.SendRecord;
import io.evenkeel.traffic.SequenceSet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** How evenly realservers took turns. */
final class Runs {
    private Runs() {}

    /** The most consecutive datagrams, by sequence number, that one realserver received. */
    static int longest(Rig rig, SendRecord sent) throws IOException {
        List<SequenceSet> seen = new ArrayList<>();
        for (int i = 1; i <= rig.layout().servers(); i++) {
            if (rig.serverRuns(i)) seen.add(rig.report(i).run(sent.plan().run()).seen());
        }
        int longest = 0;
        int length = 0;
        int last = -1;
        for (long n = 0; n < sent.sent(); n++) {
            int owner = owner(seen, n);
            length = owner == last ? length + 1 : 1;
            last = owner;
            if (owner >= 0) longest = Math.max(longest, length);
        }
        return longest;
    }

    private static int owner(List<SequenceSet> seen, long sequence) {
        for (int i = 0; i < seen.size(); i++) if (seen.get(i).contains(sequence)) return i;
        return -1;
    }
}
