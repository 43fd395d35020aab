package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.hone.benchmarks.PairedComparison.Outcome;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairedComparisonTest {

    /** 10 problems gained and 2 lost, of 100: p = 158 / 4096. */
    @Test
    void oneAttemptAProblemIsMcNemar() {
        double[] before = new double[100];
        double[] after = new double[100];
        Arrays.fill(after, 0, 10, 1);
        Arrays.fill(before, 10, 12, 1);
        Arrays.fill(before, 12, 40, 1);
        Arrays.fill(after, 12, 40, 1);

        PairedComparison comparison = PairedComparison.of(before, after);

        assertThat(comparison.pValue()).isCloseTo(158 / 4096.0, within(1e-12));
        assertThat(comparison.difference()).isCloseTo(0.08, within(1e-12));
        assertThat(comparison.outcome()).isEqualTo(Outcome.BETTER);
        assertThat(comparison.interval().contains(0)).isFalse();
        assertThat(comparison.verdict())
                .startsWith("better: +8.0 points (95% interval +")
                .endsWith(", p = 0.039, 100 problems)");
        assertThat(PairedComparison.of(after, before).outcome()).isEqualTo(Outcome.WORSE);
    }

    /** Six problems, each half a point up: of 64 ways to flip the signs two are as extreme. */
    @Test
    void severalAttemptsAProblemAreAPermutationTest() {
        double[] before = {0, 0.25, 0.5, 0, 0.25, 0.5};
        double[] after = {0.5, 0.75, 1, 0.5, 0.75, 1};

        PairedComparison comparison = PairedComparison.of(before, after);

        assertThat(comparison.pValue()).isCloseTo(2 / 64.0, within(0.006));
        assertThat(comparison.interval()).isEqualTo(new Interval(0.5, 0.5));
    }

    /** p = 158 / 4096 alone is beyond chance, and beside another it is 316 / 4096. */
    @Test
    void severalAtOnceAreJudgedBesideEachOther() {
        double[] before = new double[100];
        double[] after = new double[100];
        Arrays.fill(after, 0, 10, 1);
        Arrays.fill(before, 10, 12, 1);
        PairedComparison alone = PairedComparison.of(before, after);

        List<PairedComparison> one = PairedComparison.together(List.of(alone));
        List<PairedComparison> two = PairedComparison.together(List.of(PairedComparison.of(after, after), alone));

        assertThat(one).containsExactly(alone);
        assertThat(alone.outcome()).isEqualTo(Outcome.BETTER);
        assertThat(two.get(1).pValue()).isCloseTo(158 / 4096.0, within(1e-12));
        assertThat(two.get(1).adjustedPValue()).isCloseTo(316 / 4096.0, within(1e-12));
        assertThat(two.get(1).outcome()).isEqualTo(Outcome.SAME);
        assertThat(two.get(1).verdict())
                .startsWith("no significant difference: +8.0")
                .contains("p = 0.077");
    }

    @Test
    void noiseIsNoDifference() {
        PairedComparison comparison = PairedComparison.of(new double[] {1, 0, 1, 0, 1}, new double[] {0, 1, 1, 0, 1});

        assertThat(comparison.outcome()).isEqualTo(Outcome.SAME);
        assertThat(comparison.verdict()).startsWith("no significant difference: +0.0 points");
        assertThat(comparison.pValue()).isEqualTo(1);
    }

    @Test
    void refusesUnlikeNumbersOfProblems() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PairedComparison.of(new double[2], new double[3]))
                .withMessage("2 problems before, 3 after");
    }
}
