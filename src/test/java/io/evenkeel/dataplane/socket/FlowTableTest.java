package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlowTableTest {

    private record Key(int service, long high, long low, int port, long localHigh, long localLow) {}

    @Test
    void agreesWithAMapOverRandomWork() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        FlowTable table = new FlowTable(1_024);
        Map<Key, Integer> model = new HashMap<>();
        for (int i = 0; i < 200_000; i++) {
            Key key = new Key(
                    random.nextInt(3), random.nextInt(2), random.nextInt(30), random.nextInt(20), 0, random.nextInt(2));
            Integer row = model.get(key);
            assertThat(find(table, key)).as("seed %d, step %d", seed, i).isEqualTo(row == null ? -1 : row);
            if (row != null && random.nextInt(3) == 0) {
                table.remove(row);
                model.remove(key);
            } else if (row == null) {
                int inserted = table.insert(key.service, key.high, key.low, key.port, key.localHigh, key.localLow);
                assertThat(inserted >= 0).as("seed %d", seed).isEqualTo(model.size() < 1_024);
                if (inserted < 0) continue;
                assertThat(table.server(inserted)).isEqualTo(FlowTable.NO_SERVER);
                table.server(inserted, i & 1023, (short) i);
                model.put(key, inserted);
            }
            assertThat(table.size()).isEqualTo(model.size());
        }
        assertThat(model).as("seed %d: it was full at times", seed).hasSizeGreaterThan(900);
    }

    @Test
    void everyPartOfTheKeyCounts() {
        FlowTable table = new FlowTable(256);
        assertThat(table.insert(1, 1, 1, 1, 1, 1)).isNotNegative();
        for (int other = 2; other < 40_000; other++) { // many of them in the same chain, whatever the seed
            assertThat(table.find(other, 1, 1, 1, 1, 1)).isEqualTo(-1);
            assertThat(table.find(1, other, 1, 1, 1, 1)).isEqualTo(-1);
            assertThat(table.find(1, 1, other, 1, 1, 1)).isEqualTo(-1);
            assertThat(table.find(1, 1, 1, other, 1, 1)).isEqualTo(-1);
            assertThat(table.find(1, 1, 1, 1, other, 1)).isEqualTo(-1);
            assertThat(table.find(1, 1, 1, 1, 1, other)).isEqualTo(-1);
        }
        assertThat(table.find(1, 1, 1, 1, 1, 1)).isNotNegative();
    }

    @Test
    void fullMeansFull() {
        FlowTable table = new FlowTable(256);
        for (int i = 0; i < 256; i++) assertThat(table.insert(0, 0, i, 0, 0, 0)).isNotNegative();
        assertThat(table.insert(0, 0, 999, 0, 0, 0)).isEqualTo(-1);
        table.remove(table.find(0, 0, 17, 0, 0, 0));
        assertThat(table.insert(0, 0, 999, 0, 0, 0)).isNotNegative();
    }

    private static int find(FlowTable table, Key key) {
        return table.find(key.service, key.high, key.low, key.port, key.localHigh, key.localLow);
    }
}
