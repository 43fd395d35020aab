package dev.hone.benchmarks;

import java.util.Arrays;

/**
 * The interval of avg@k. Attempts at one problem resemble each other, so the problems are the independent draws: the
 * standard error is that of the mean of their means (Miller 2024, Adding Error Bars to Evals, section 2.2), and the
 * interval is Wilson's for as many trials as that error is worth (Korn and Graubard 1998, Confidence Intervals for
 * Proportions with Small Expected Number of Positive Counts Estimated from Survey Data). With one attempt a problem it
 * is Wilson's own; more attempts narrow it, to at most as many trials as there are attempts.
 */
public final class ClusterInterval {

    private ClusterInterval() {}

    /**
     * The 95% interval of the mean of {@code problemMeans}.
     *
     * @param problemMeans share of correct attempts by problem, {@code [problems]}, each in [0, 1]
     * @param attempts at each problem
     */
    public static Interval of(double[] problemMeans, int attempts) {
        if (problemMeans.length == 0 || attempts < 1) {
            throw new IllegalArgumentException(problemMeans.length + " problems of " + attempts + " attempts");
        }
        int problems = problemMeans.length;
        double mean = mean(problemMeans);
        double ofOneTrial = mean * (1 - mean);
        double ofOneProblem = squaredDeviations(problemMeans) / problems;
        // Where all is right or all is wrong the variances say nothing: each problem then counts once.
        double worth = ofOneTrial == 0 ? problems : problems * ofOneTrial / ofOneProblem;
        double trials = Math.min(worth, (double) problems * attempts);
        return Wilson.interval(mean, trials);
    }

    /** The standard error of the mean of {@code problemMeans}; 0 for a single problem. */
    public static double standardError(double[] problemMeans) {
        double n = problemMeans.length;
        return n < 2 ? 0 : Math.sqrt(squaredDeviations(problemMeans) / (n * (n - 1)));
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static double squaredDeviations(double[] values) {
        double mean = mean(values);
        return Arrays.stream(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
    }
}
