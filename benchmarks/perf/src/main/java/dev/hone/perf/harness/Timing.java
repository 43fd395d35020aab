package dev.hone.perf.harness;

import java.util.List;

/**
 * Durations of one side's runs, in seconds.
 *
 * @param median of all
 * @param low a tenth of the runs took less, like {@code high} more
 * @param runs how many there were
 */
public record Timing(double median, double low, double high, int runs) {

    static Timing of(List<Double> seconds) {
        List<Double> sorted = seconds.stream().sorted().toList();
        int n = sorted.size();
        double median = n % 2 == 1 ? sorted.get(n / 2) : (sorted.get(n / 2 - 1) + sorted.get(n / 2)) / 2;
        return new Timing(median, sorted.get(n / 10), sorted.get(n - 1 - n / 10), n);
    }
}
