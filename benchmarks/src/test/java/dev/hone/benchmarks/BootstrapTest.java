package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BootstrapTest {

    /** The central limit theorem is the oracle: the mean of many has the standard error sd / sqrt(n). */
    @Test
    void agreesWithTheNormalIntervalOfALargeSample() {
        double[] values = new Random(3).doubles(900).toArray();
        double mean = Arrays.stream(values).average().orElseThrow();
        double variance =
                Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / 899;
        double half = 1.96 * Math.sqrt(variance / 900);

        Interval interval = Bootstrap.mean(values, 10_000, 1);

        assertThat(interval.low()).isCloseTo(mean - half, within(0.05 * half));
        assertThat(interval.high()).isCloseTo(mean + half, within(0.05 * half));
    }

    /** Two values: a resample's mean is 0, 1/2 or 1 with chances 1/4, 1/2, 1/4, so both quantiles lie at the ends. */
    @Test
    void agreesWithAnEnumeration() {
        assertThat(Bootstrap.mean(new double[] {0, 1}, 2000, 5)).isEqualTo(new Interval(0, 1));
    }

    @Test
    void theSameSeedGivesTheSameInterval() {
        double[] values = {0.1, 0.9, 0.4, 0.2, 0.75};
        assertThat(Bootstrap.mean(values, 500, 7)).isEqualTo(Bootstrap.mean(values, 500, 7));
        assertThat(Bootstrap.mean(values, 500, 7)).isNotEqualTo(Bootstrap.mean(values, 500, 8));
    }
}
