package dev.hone.benchmarks;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Corrects the p-values of several comparisons made at once, so that the chance of even one false alarm among them
 * stays at the level they are judged by, however the comparisons depend on each other.
 *
 * @see "Holm (1979), A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6"
 */
public final class Holm {

    private Holm() {}

    /** The adjusted p-values, in the order given: judge each by itself at the level wanted for all together. */
    public static double[] adjusted(double... pValues) {
        int n = pValues.length;
        int[] ascending = IntStream.range(0, n)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> pValues[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] adjusted = new double[n];
        double largest = 0;
        for (int rank = 0; rank < n; rank++) {
            largest = Math.max(largest, Math.min(1, (n - rank) * pValues[ascending[rank]]));
            adjusted[ascending[rank]] = largest;
        }
        return adjusted;
    }
}
