package dev.hone.trainer.domains;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.benchmarks.PairedComparison;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.recipe.MixtureKeys;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MixturesTest {

    /** 40 pairs: pass rates 0, 0.25, 0.5, 0.75 in turn, the first half of source 1. */
    private static final List<Pair> CURATED = IntStream.range(0, 40)
            .mapToObj(i -> new Pair(
                    "p" + i,
                    "math",
                    i + "=",
                    "" + i,
                    "" + i,
                    "math",
                    Map.of("pass_rate", i % 4 / 4.0, "source", i / 20 + 1)))
            .toList();

    @Test
    void takesABandOfDifficulty() {
        assertThat(Mixtures.select(mixture(0.25, 0.5, 1), CURATED))
                .hasSize(20)
                .allSatisfy(pair ->
                        assertThat((Double) pair.metadata().get("pass_rate")).isBetween(0.25, 0.5));
    }

    @Test
    void aSmallerShareIsPartOfALargerOne() {
        List<Pair> half = Mixtures.select(mixture(0, 1, 0.5), CURATED);
        List<Pair> quarter = Mixtures.select(mixture(0, 1, 0.25), CURATED);
        assertThat(half).hasSize(20);
        assertThat(quarter).hasSize(10).isSubsetOf(half);
    }

    @Test
    void theHeaviestSourceIsTakenWholeAndTheOthersInProportion() {
        List<Pair> weighted = Mixtures.select(new MixtureKeys("m", 0, 1, 1, List.of(0.5, 2.0)), CURATED);
        assertThat(weighted)
                .filteredOn(pair -> Integer.valueOf(1).equals(pair.metadata().get("source")))
                .hasSize(5);
        assertThat(weighted)
                .filteredOn(pair -> Integer.valueOf(2).equals(pair.metadata().get("source")))
                .hasSize(20);
    }

    @Test
    void aMixtureOfNothingIsRefused() {
        assertThatThrownBy(() -> Mixtures.select(mixture(0.9, 1, 1), CURATED))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("The mixture m takes none of the 40 teachable pairs");
    }

    @Test
    void theFirstStandsUnlessAnotherIsBetterBeyondChance() {
        assertThat(Mixtures.best(List.of(solving(51), solving(40)))).isZero();
        assertThat(Mixtures.best(List.of(solving(70), solving(80), solving(60))))
                .isEqualTo(2);
    }

    private static MixtureKeys mixture(double min, double max, double share) {
        return new MixtureKeys("m", min, max, share, List.of());
    }

    /** Of 100 problems, beside a mixture that solves 50. */
    private static PairedComparison solving(int solved) {
        double[] first = new double[100];
        double[] other = new double[100];
        Arrays.fill(first, 0, 50, 1);
        Arrays.fill(other, 0, solved, 1);
        return PairedComparison.of(first, other);
    }
}
