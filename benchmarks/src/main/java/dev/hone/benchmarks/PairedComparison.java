package dev.hone.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.hone.datasets.UserError;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Two evaluations of the same problems, compared problem by problem: far sharper than comparing two intervals, since
 * what makes a problem hard is common to both.
 *
 * @param n problems
 * @param difference mean of after less before
 * @param interval of the difference, 95%, by paired bootstrap
 * @param pValue two-sided: exact McNemar for one attempt a problem, paired permutation for several
 * @param adjustedPValue beside the other comparisons it is one of ({@link Holm}), which it is judged by; {@code pValue}
 *     where it is the only one
 */
public record PairedComparison(
        int n,
        double before,
        double after,
        double difference,
        Interval interval,
        double pValue,
        @JsonProperty("adjusted_p_value") double adjustedPValue) {

    /** Below this a difference counts as real. */
    public static final double SIGNIFICANCE = 0.05;

    private static final int RESAMPLES = 10_000;
    private static final long SEED = 1;

    /** What the comparison says, in a word. */
    public enum Outcome {
        BETTER("better"),
        WORSE("worse"),
        SAME("no significant difference");

        private final String words;

        Outcome(String words) {
            this.words = words;
        }

        /** For people. */
        public String words() {
            return words;
        }
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
        double pValue = pValue(before, after, differences);
        return new PairedComparison(
                n,
                Arrays.stream(before).sum() / n,
                Arrays.stream(after).sum() / n,
                Arrays.stream(differences).sum() / n,
                Bootstrap.mean(differences, RESAMPLES, SEED),
                pValue,
                pValue);
    }

    /** Comparisons made at once, in the order given: each judged beside the others. */
    public static List<PairedComparison> together(List<PairedComparison> comparisons) {
        double[] adjusted = Holm.adjusted(
                comparisons.stream().mapToDouble(PairedComparison::pValue).toArray());
        return IntStream.range(0, adjusted.length)
                .mapToObj(i -> comparisons.get(i).judgedBy(adjusted[i]))
                .toList();
    }

    /** The same, each under its key. */
    public static <K> Map<K, PairedComparison> together(Map<K, PairedComparison> comparisons) {
        List<PairedComparison> together = together(List.copyOf(comparisons.values()));
        Map<K, PairedComparison> byKey = new LinkedHashMap<>();
        comparisons.keySet().forEach(key -> byKey.put(key, together.get(byKey.size())));
        return byKey;
    }

    private PairedComparison judgedBy(double adjusted) {
        return new PairedComparison(n, before, after, difference, interval, pValue, adjusted);
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
        return adjustedPValue < SIGNIFICANCE;
    }

    public Outcome outcome() {
        if (!isSignificant()) {
            return Outcome.SAME;
        }
        return difference > 0 ? Outcome.BETTER : Outcome.WORSE;
    }

    /** For people: {@code "better: +4.2 points (95% interval +1.1 to +7.3, p = 0.009, 250 problems)"}. */
    public String verdict() {
        return String.format(
                Locale.ROOT,
                "%s: %+.1f points (95%% interval %+.1f to %+.1f, p = %.3f, %d problems)",
                outcome().words(),
                100 * difference,
                100 * interval.low(),
                100 * interval.high(),
                adjustedPValue,
                n);
    }
}
