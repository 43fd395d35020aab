package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import java.util.Arrays;
import java.util.Locale;

/**
 * Two evaluations of the same problems, compared problem by problem: far sharper than comparing two intervals, since
 * what makes a problem hard is common to both.
 *
 * @param n problems
 * @param difference mean of after less before
 * @param interval of the difference, 95%, by paired bootstrap
 * @param pValue two-sided: exact McNemar for one attempt a problem, paired permutation for several
 */
public record PairedComparison(
        int n, double before, double after, double difference, Interval interval, double pValue) {

    /** Below this a difference counts as real. */
    public static final double SIGNIFICANCE = 0.05;

    private static final int RESAMPLES = 10_000;
    private static final long SEED = 1;

    /** What the comparison says, in a word. */
    public enum Outcome {
        BETTER,
        WORSE,
        SAME
    }

    /** Throws {@link UserError} unless both are of the same benchmark and the same problems. */
    public static PairedComparison of(EvalResult before, EvalResult after) {
        if (!before.problems().keySet().equals(after.problems().keySet())) {
            throw new UserError("The evaluations of " + before.benchmark() + " and " + after.benchmark()
                    + " are of different problems; compare two of the same benchmark and size");
        }
        return of(
                before.problems().values().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray(),
                before.problems().keySet().stream()
                        .mapToDouble(id -> after.problems().get(id))
                        .toArray());
    }

    /**
     * @param before share of correct attempts by problem, {@code [problems]}
     * @param after the same problems in the same order
     */
    public static PairedComparison of(double[] before, double[] after) {
        if (before.length != after.length || before.length == 0) {
            throw new IllegalArgumentException(before.length + " problems before, " + after.length + " after");
        }
        int n = before.length;
        double[] differences = new double[n];
        Arrays.setAll(differences, i -> after[i] - before[i]);
        return new PairedComparison(
                n,
                Arrays.stream(before).sum() / n,
                Arrays.stream(after).sum() / n,
                Arrays.stream(differences).sum() / n,
                Bootstrap.mean(differences, RESAMPLES, SEED),
                pValue(before, after, differences));
    }

    private static double pValue(double[] before, double[] after, double[] differences) {
        boolean binary = Arrays.stream(before).allMatch(PairedComparison::isBinary)
                && Arrays.stream(after).allMatch(PairedComparison::isBinary);
        if (!binary) {
            return SignFlip.pValue(differences, RESAMPLES, SEED);
        }
        int gained = (int)
                Arrays.stream(differences).filter(difference -> difference > 0).count();
        int lost = (int)
                Arrays.stream(differences).filter(difference -> difference < 0).count();
        return McNemar.pValue(gained, lost);
    }

    private static boolean isBinary(double score) {
        return score == 0 || score == 1;
    }

    public boolean isSignificant() {
        return pValue < SIGNIFICANCE;
    }

    public Outcome outcome() {
        if (!isSignificant()) {
            return Outcome.SAME;
        }
        return difference > 0 ? Outcome.BETTER : Outcome.WORSE;
    }

    /** For people: {@code "better: +4.2 points (95% interval +1.1 to +7.3, p = 0.009, 250 problems)"}. */
    public String verdict() {
        String word =
                switch (outcome()) {
                    case BETTER -> "better";
                    case WORSE -> "worse";
                    case SAME -> "no significant difference";
                };
        return String.format(
                Locale.ROOT,
                "%s: %+.1f points (95%% interval %+.1f to %+.1f, p = %.3f, %d problems)",
                word,
                100 * difference,
                100 * interval.low(),
                100 * interval.high(),
                pValue,
                n);
    }
}
