package dev.hone.benchmarks;

/**
 * The chance that at least one of k attempts is correct, estimated without bias from n of them: one less the share of
 * k-subsets without a correct one, {@code 1 - C(n - c, k) / C(n, k)}.
 *
 * @see "Chen et al. (2021), Evaluating Large Language Models Trained on Code, section 2.1"
 */
public final class PassAtK {

    private PassAtK() {}

    /**
     * @param attempts n made at one problem
     * @param correct c of them
     * @param k at most {@code attempts}
     */
    public static double estimate(int attempts, int correct, int k) {
        if (correct < 0 || correct > attempts || k < 1 || k > attempts) {
            throw new IllegalArgumentException(
                    "pass@" + k + " of " + correct + " correct in " + attempts + " attempts");
        }
        // The binomials' quotient as a product: they overflow, it does not. A factor is 0 where no k wrong ones exist.
        double none = 1;
        for (int i = 0; i < k; i++) {
            none *= Math.max(0, attempts - correct - i) / (double) (attempts - i);
        }
        return 1 - none;
    }
}
