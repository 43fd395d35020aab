package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClusterIntervalTest {

    @Test
    void oneAttemptAProblemIsWilson() {
        assertThat(ClusterInterval.of(new double[] {1, 0, 0, 1, 1, 0, 0, 0, 0, 0}, 1))
                .satisfies(interval -> isClose(interval, Wilson.interval(3, 10)));
    }

    @Test
    void attemptsThatAllAgreeAddNothing() {
        assertThat(ClusterInterval.of(new double[] {1, 0, 0, 1, 1, 0, 0, 0, 0, 0}, 8))
                .satisfies(interval -> isClose(interval, Wilson.interval(3, 10)));
    }

    /** Variance between problems 0.5 / 4 = 0.125, within one trial 0.25: worth 4 * 0.25 / 0.125 = 8 trials. */
    @Test
    void agreesWithAnExampleWorkedByHand() {
        assertThat(ClusterInterval.of(new double[] {1, 0.5, 0.5, 0}, 4))
                .satisfies(interval -> isClose(interval, Wilson.interval(4, 8)));
    }

    @Test
    void isNeverNarrowerThanIndependentAttemptsAllow() {
        assertThat(ClusterInterval.of(new double[] {0.5, 0.5, 0.5}, 4))
                .satisfies(interval -> isClose(interval, Wilson.interval(6, 12)));
    }

    @Test
    void perfectionIsNotCertainty() {
        assertThat(ClusterInterval.of(new double[] {1, 1, 1, 1, 1}, 16))
                .satisfies(interval -> isClose(interval, Wilson.interval(5, 5)));
    }

    @Test
    void theStandardErrorIsThatOfTheProblemsMeans() {
        assertThat(ClusterInterval.standardError(new double[] {1, 0.5, 0.5, 0}))
                .isCloseTo(Math.sqrt(0.5 / 12), within(1e-12));
        assertThat(ClusterInterval.standardError(new double[] {1})).isZero();
    }

    /** Problems of unlike difficulty, drawn again and again: 95% of the intervals must hold the true accuracy. */
    @Test
    void coversTheTruthAsOftenAsItSays() {
        Random random = new Random(11);
        int covered = 0;
        int evaluations = 3000;
        for (int e = 0; e < evaluations; e++) {
            double[] means = new double[40];
            Arrays.setAll(means, i -> {
                double passRate = Math.pow(random.nextDouble(), 2);
                int correct = 0;
                for (int k = 0; k < 4; k++) {
                    correct += random.nextDouble() < passRate ? 1 : 0;
                }
                return correct / 4.0;
            });
            // The mean of u^2, u uniform, is 1/3.
            covered += ClusterInterval.of(means, 4).contains(1 / 3.0) ? 1 : 0;
        }
        assertThat((double) covered / evaluations).isBetween(0.935, 0.965);
    }

    private static void isClose(Interval interval, Interval expected) {
        assertThat(interval.low()).isCloseTo(expected.low(), within(1e-12));
        assertThat(interval.high()).isCloseTo(expected.high(), within(1e-12));
    }
}
