package dev.hone.benchmarks;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The paired permutation test: were there no difference, each problem's would be as likely of either sign.
 *
 * @see "Fisher (1935), The Design of Experiments, section 21"
 */
final class SignFlip {

    /** Rounding of sums must not decide a tie. */
    private static final double TOLERANCE = 1e-9;

    private SignFlip() {}

    /** The two-sided p-value, from that many random flips and the one observed (Phipson and Smyth 2010). */
    static double pValue(double[] differences, int flips, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double observed = Math.abs(Arrays.stream(differences).sum());
        int asExtreme = 1;
        for (int f = 0; f < flips; f++) {
            double sum = 0;
            for (double difference : differences) {
                sum += random.nextBoolean() ? difference : -difference;
            }
            if (Math.abs(sum) >= observed - TOLERANCE) {
                asExtreme++;
            }
        }
        return (double) asExtreme / (flips + 1);
    }
}
