package io.evenkeel.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadTest {
    private final Payload payload = new Payload();
    private final ByteBuffer buffer = Payload.newBuffer();

    @ParameterizedTest
    @ValueSource(ints = {Payload.HEADER_BYTES, 64, 1472, 8000, Payload.MAX_BYTES})
    void whatIsWrittenIsJudgedSoundAndReadBack(int length) {
        payload.write(buffer, 7, 3, 123_456_789_012L, 42L, length);
        assertThat(buffer.remaining()).isEqualTo(length);
        assertThat(payload.judge(buffer)).isEqualTo(Payload.Finding.SOUND);
        assertThat(Payload.run(buffer)).isEqualTo(7);
        assertThat(Payload.client(buffer)).isEqualTo(3);
        assertThat(Payload.sequence(buffer)).isEqualTo(123_456_789_012L);
        assertThat(Payload.sentNanos(buffer)).isEqualTo(42L);
    }

    @Test
    void judgingTwiceGivesTheSameAnswer() {
        payload.write(buffer, 1, 1, 1, 1, 100);
        assertThat(payload.judge(buffer)).isEqualTo(Payload.Finding.SOUND);
        assertThat(payload.judge(buffer)).isEqualTo(Payload.Finding.SOUND);
    }

    @Test
    void everySingleFlippedBitIsSeen() {
        payload.write(buffer, 1, 2, 3, 4, 100);
        for (int bit = 0; bit < 800; bit++) {
            byte flipped = (byte) (buffer.get(bit / 8) ^ 1 << bit % 8);
            byte original = buffer.get(bit / 8);
            buffer.put(bit / 8, flipped);
            assertThat(payload.judge(buffer)).as("bit %d", bit).isNotEqualTo(Payload.Finding.SOUND);
            buffer.put(bit / 8, original);
        }
        assertThat(payload.judge(buffer)).isEqualTo(Payload.Finding.SOUND);
    }

    @Test
    void truncatedAndMergedDatagramsAreDamaged() {
        payload.write(buffer, 1, 2, 3, 4, 100);
        buffer.limit(99);
        assertThat(payload.judge(buffer)).isEqualTo(Payload.Finding.DAMAGED);
        buffer.limit(200);
        assertThat(payload.judge(buffer)).isEqualTo(Payload.Finding.DAMAGED);
    }

    @Test
    void shortAndForeignDatagramsAreToldApart() {
        payload.write(buffer, 1, 2, 3, 4, Payload.HEADER_BYTES - 1);
        assertThat(payload.judge(buffer)).isEqualTo(Payload.Finding.SHORT);
        payload.write(buffer, 1, 2, 3, 4, 0);
        assertThat(payload.judge(buffer)).isEqualTo(Payload.Finding.SHORT);
        assertThat(payload.judge(ByteBuffer.allocate(100))).isEqualTo(Payload.Finding.FOREIGN);
    }
}
