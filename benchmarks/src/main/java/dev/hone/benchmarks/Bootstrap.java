package dev.hone.benchmarks;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The percentile bootstrap.
 *
 * @see "Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13"
 */
public final class Bootstrap {

    private Bootstrap() {}

    /** The 95% interval of the mean, from that many resamples; the same for the same seed. */
    public static Interval mean(double[] values, int resamples, long seed) {
        if (values.length == 0 || resamples < 1) {
            throw new IllegalArgumentException(resamples + " resamples of " + values.length + " values");
        }
        SplittableRandom random = new SplittableRandom(seed);
        double[] means = new double[resamples];
        for (int r = 0; r < resamples; r++) {
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                sum += values[random.nextInt(values.length)];
            }
            means[r] = sum / values.length;
        }
        Arrays.sort(means);
        return new Interval(quantile(means, 0.025), quantile(means, 0.975));
    }

    /** By linear interpolation between the order statistics (Hyndman and Fan 1996, type 7: NumPy's default). */
    private static double quantile(double[] sorted, double probability) {
        double position = probability * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
