package dev.hone.benchmarks;

/**
 * The exact test of two graders' or two models' answers to the same problems: only the problems on which they differ
 * say anything, and were the two alike, each of those would fall either way with chance one half.
 *
 * @see "McNemar (1947), Note on the Sampling Error of the Difference Between Correlated Proportions, Psychometrika 12"
 */
public final class McNemar {

    private McNemar() {}

    /**
     * The two-sided p-value of a split at least as uneven.
     *
     * @param gained problems only the second solved
     * @param lost problems only the first solved
     */
    public static double pValue(int gained, int lost) {
        int n = gained + lost;
        // Terms C(n, i) / 2^n of the smaller tail, each from the last, in logarithms: 2^n overflows.
        double log = -n * Math.log(2);
        double tail = 0;
        for (int i = 0; i <= Math.min(gained, lost); i++) {
            tail += Math.exp(log);
            log += Math.log((double) (n - i) / (i + 1));
        }
        return Math.min(1, 2 * tail);
    }
}
