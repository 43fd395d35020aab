package dev.hone.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.recipe.SourceKeys;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PairSourcesTest {

    /** So few problems exist at this level that other seeds would meet again, were the splits not apart. */
    @Test
    void splitsShareNoProblemWhateverTheSeeds() {
        List<String> trained = prompts(Split.TRAIN, 80, 1);

        assertThat(trained)
                .doesNotContainAnyElementsOf(prompts(Split.VALIDATION, 10, 2))
                .doesNotContainAnyElementsOf(prompts(Split.BENCHMARK, 18, 3));
    }

    @ParameterizedTest
    @EnumSource(Split.class)
    void problemsAreDistinctAndRepeatable(Split split) {
        assertThat(prompts(split, 10, 7)).hasSize(10).doesNotHaveDuplicates().isEqualTo(prompts(split, 10, 7));
    }

    @Test
    void levelsTakeTurns() {
        List<Pair> pairs = PairSources.read(List.of(source("arithmetic", List.of(1, 3), 10, 1)), Split.TRAIN);

        assertThat(pairs)
                .extracting(pair -> pair.metadata().get("level"))
                .containsExactly(1, 3, 1, 3, 1, 3, 1, 3, 1, 3);
    }

    @Test
    void anExhaustedLevelIsSaid() {
        assertThatThrownBy(() -> prompts(Split.VALIDATION, 100_000, 1))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("arithmetic")
                .hasMessageContaining("lower count");
    }

    @Test
    void aLevelThereIsNotIsSaid() {
        assertThatThrownBy(() -> PairSources.read(List.of(source("arithmetic", List.of(99), 1, 1)), Split.TRAIN))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("not 99");
    }

    @Test
    void someAnswersGiveLessWorkingAndSomeMore() {
        int[] lines = new int[8];
        for (Pair pair : PairSources.read(
                List.of(new SourceKeys(null, null, null, null, null, "arithmetic", List.of(3), 400, null, 1, 0.4, 0.5)),
                Split.TRAIN)) {
            String response = Objects.requireNonNull(pair.response());
            String[] said = response.split("\n");
            assertThat(said[said.length - 1]).isEqualTo("Answer: " + pair.answer());
            assertThat(new HashSet<>(List.of(said))).hasSizeLessThan(3);
            lines[said.length]++;
        }
        // 40 in a hundred without working; of the others half with it twice.
        assertThat(lines[1]).isBetween(130, 190);
        assertThat(lines[2]).isBetween(90, 150);
        assertThat(lines[3]).isBetween(90, 150);
        assertThat(lines[1] + lines[2] + lines[3]).isEqualTo(400);
    }

    private static List<String> prompts(Split split, int count, long seed) {
        return PairSources.read(List.of(source("arithmetic", List.of(1), count, seed)), split).stream()
                .map(Pair::prompt)
                .toList();
    }

    private static SourceKeys source(String generator, List<Integer> levels, int count, long seed) {
        return new SourceKeys(null, null, null, null, null, generator, levels, count, null, seed, 0, 0);
    }
}
