package dev.hone.trainer.screen;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How well predicted probabilities agree with what was observed and not predicted from.
 *
 * @param auc chance that something that happened was given more than something that did not; 0.5 knows nothing
 * @param brier mean squared difference of the prediction and the outcome, 1 or 0 (Brier 1950)
 * @param brierConstant the same of predicting the mean for all
 * @param ece expected calibration error over ten bins of equal width (Naeini et al. 2015)
 */
public record Calibration(double auc, double brier, double brierConstant, double ece) {

    private static final int BINS = 10;

    /**
     * Compares.
     *
     * @param predicted at least one
     * @param rates observed, in [0, 1]: each stands for outcomes of which that share is 1
     */
    static Calibration of(double[] predicted, double[] rates) {
        double constant = Arrays.stream(rates).average().orElseThrow();
        double brier = 0;
        double brierConstant = 0;
        double[] differences = new double[BINS];
        for (int i = 0; i < predicted.length; i++) {
            brier += brier(predicted[i], rates[i]);
            brierConstant += brier(constant, rates[i]);
            differences[(int) Math.min(BINS - 1, predicted[i] * BINS)] += predicted[i] - rates[i];
        }
        int n = predicted.length;
        return new Calibration(
                auc(predicted, rates),
                brier / n,
                brierConstant / n,
                Arrays.stream(differences).map(Math::abs).sum() / n);
    }

    private static double brier(double predicted, double rate) {
        return rate * (1 - predicted) * (1 - predicted) + (1 - rate) * predicted * predicted;
    }

    private static double auc(double[] predicted, double[] rates) {
        int[] order = IntStream.range(0, predicted.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> predicted[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double wins = 0;
        double zeros = 0;
        double ones = 0;
        for (int from = 0; from < order.length; ) {
            double tiedZeros = 0;
            double tiedOnes = 0;
            int to = from;
            for (; to < order.length && predicted[order[to]] == predicted[order[from]]; to++) {
                tiedOnes += rates[order[to]];
                tiedZeros += 1 - rates[order[to]];
            }
            wins += tiedOnes * (zeros + tiedZeros / 2);
            zeros += tiedZeros;
            ones += tiedOnes;
            from = to;
        }
        return zeros == 0 || ones == 0 ? 0.5 : wins / (zeros * ones);
    }

    /** Whether the prediction is better than none. */
    public boolean helps() {
        return brier < brierConstant;
    }
}
