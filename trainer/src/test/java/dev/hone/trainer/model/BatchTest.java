package dev.hone.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.text.TokenizedPair;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchTest {

    @Test
    void targetsAreTheNextTokensOfTheResponses() {
        Batch batch = Batch.pack(List.of(
                new TokenizedPair("a", new int[] {10, 11, 12, 13, 14}, 2),
                new TokenizedPair("b", new int[] {20, 21}, 1),
                new TokenizedPair("c", new int[] {30, 31, 32}, 2)));

        assertThat(batch.ids()).containsExactly("a", "b", "c");
        assertThat(batch.tokens()).containsExactly(10, 11, 12, 13, 14, 20, 21, 30, 31, 32);
        assertThat(batch.positions()).containsExactly(0, 1, 2, 3, 4, 0, 1, 0, 1, 2);
        assertThat(batch.offsets()).containsExactly(0, 5, 7, 10);
        assertThat(batch.targets()).containsExactly(-1, 12, 13, 14, -1, 21, -1, -1, 32, -1);
        assertThat(batch.lossTokens()).isEqualTo(5);
        assertThat(batch.sequences()).isEqualTo(3);
    }
}
