package io.evenkeel.dataplane.socket;

import static org.assertj.core.api.Assertions.assertThat;

import io.evenkeel.model.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AffinityTableTest {

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1, 32, true",
        "192.0.2.1, 192.0.2.2, 32, false",
        "192.0.2.1, 192.0.2.254, 24, true",
        "192.0.2.1, 192.0.3.1, 24, false",
        "192.0.2.1, 192.0.3.1, 23, true",
        "192.0.2.1, 198.51.100.1, 0, true",
        "2001:db8::1, 2001:db8::2, 128, false",
        "2001:db8::1, 2001:db8::2, 64, true",
        "2001:db8::1:0:0:1, 2001:db8::2:0:0:1, 64, true",
        "2001:db8:0:1::1, 2001:db8:0:2::1, 64, false",
        "2001:db8:0:1::1, 2001:db8:0:2::1, 48, true",
        "2001:db8::1:0, 2001:db8::1:ffff, 112, true",
        "2001:db8::1:0, 2001:db8::2:0, 112, false",
        "2001:db8::1, 3001:db8::1, 1, true",
        "2001:db8::1, a001:db8::1, 1, false"
    })
    void clientsOfOnePrefixShareATemplate(String first, String second, int prefixLength, boolean shared) {
        AffinityTable table = new AffinityTable(1_000, prefixLength);
        IpAddress a = IpAddress.of(first);
        IpAddress b = IpAddress.of(second);
        assertThat(table.put(a.v6(), a.high(), a.low(), 9, 0x1fffe, 0)).isTrue();
        long found = table.find(b.v6(), b.high(), b.low(), 10);
        if (!shared) {
            assertThat(found).isEqualTo(AffinityTable.NONE);
            return;
        }
        assertThat(found >> 16).isEqualTo(9);
        assertThat((short) found).isEqualTo((short) 0xfffe);
    }

    @Test
    void whoClaimsAClientFirstKeepsIt() {
        AffinityTable table = new AffinityTable(1_000, 32);
        long first = 1L << 16 | 7;
        assertThat(table.claim(false, 0, 5, AffinityTable.NONE, 1, 7, 0)).isEqualTo(first);
        assertThat(table.claim(false, 0, 5, AffinityTable.NONE, 2, 7, 1))
                .as("found nothing before the other had claimed it")
                .isEqualTo(first);
        assertThat(table.find(false, 0, 5, 1)).isEqualTo(first);

        long second = 2L << 16 | 8;
        assertThat(table.claim(false, 0, 5, first, 2, 8, 2))
                .as("knows whom it replaces")
                .isEqualTo(second);
        assertThat(table.find(false, 0, 5, 2)).isEqualTo(second);
    }

    @Test
    void aTemplateEndsAfterItsTimeAndMakesRoom() {
        AffinityTable table = new AffinityTable(1_000, 32);
        for (int i = 0; i < AffinityTable.MAX_TEMPLATES; i++) {
            assertThat(table.put(false, 0, i, 0, 1, 0)).isTrue();
        }
        assertThat(table.put(false, 0, 0x7fff_ffffL, 0, 1, 0)).as("full").isFalse();
        assertThat(table.claim(false, 0, 0x7fff_ffffL, AffinityTable.NONE, 0, 1, 0))
                .isEqualTo(AffinityTable.FULL);
        assertThat(table.find(false, 0, 5, 1_000)).isNotEqualTo(AffinityTable.NONE);
        assertThat(table.find(false, 0, 5, 1_001)).isEqualTo(AffinityTable.NONE);
        assertThat(table.put(false, 0, 0x7fff_ffffL, 0, 1, 1_001)).isTrue();
    }
}
