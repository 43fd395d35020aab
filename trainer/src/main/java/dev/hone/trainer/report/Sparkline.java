package dev.hone.trainer.report;

import java.util.List;

/** A curve in a line of text. */
public final class Sparkline {

    private static final String BARS = "▁▂▃▄▅▆▇█";

    private Sparkline() {}

    /**
     * Values as bars between the lowest and the highest of them.
     *
     * @param width characters at most; more values are drawn by the means of neighbours
     */
    public static String of(List<Double> values, int width) {
        List<Double> finite = values.stream().filter(Double::isFinite).toList();
        int columns = Math.min(width, finite.size());
        double[] means = new double[columns];
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < columns; i++) {
            int from = (int) ((long) i * finite.size() / columns);
            int to = (int) ((long) (i + 1) * finite.size() / columns);
            means[i] = finite.subList(from, to).stream()
                    .mapToDouble(value -> value)
                    .average()
                    .orElseThrow();
            low = Math.min(low, means[i]);
            high = Math.max(high, means[i]);
        }
        StringBuilder line = new StringBuilder();
        for (double mean : means) {
            // One value, or many alike, lie in the middle.
            double share = high > low ? (mean - low) / (high - low) : 0.5;
            line.append(BARS.charAt((int) Math.min(BARS.length() - 1, share * BARS.length())));
        }
        return line.toString();
    }
}
