package dev.hone.benchmarks;

/**
 * The score interval of a proportion: honest at 0, at 1 and for few trials, where the normal one has no width.
 *
 * @see "Wilson (1927), Probable Inference, the Law of Succession, and Statistical Inference, JASA 22"
 */
public final class Wilson {

    /** The 97.5% quantile of the normal distribution: 95% lie between its negative and itself. */
    static final double Z = 1.959963984540054;

    private Wilson() {}

    /** The 95% interval of a proportion seen as {@code successes} of {@code trials}. */
    public static Interval interval(long successes, long trials) {
        if (trials < 1 || successes < 0 || successes > trials) {
            throw new IllegalArgumentException(successes + " successes in " + trials + " trials");
        }
        return interval((double) successes / trials, trials);
    }

    /** The same for an observed proportion that is worth {@code trials} independent trials, not always a whole number. */
    static Interval interval(double proportion, double trials) {
        double z2 = Z * Z / trials;
        double center = (proportion + z2 / 2) / (1 + z2);
        double half = Z * Math.sqrt(proportion * (1 - proportion) / trials + z2 / (4 * trials)) / (1 + z2);
        return new Interval(Math.max(0, center - half), Math.min(1, center + half));
    }
}
