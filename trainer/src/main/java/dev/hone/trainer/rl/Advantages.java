package dev.hone.trainer.rl;

import java.util.Arrays;

/**
 * How much better a completion did than others, {@code A = (r - baseline) / (std + 1e-4)} with the unbiased standard
 * deviation, as TRL's GRPOTrainer and RLOOTrainer compute it. A reward of NaN means that nothing is known: such a
 * completion is in no mean, and its advantage is 0.
 *
 * @param values {@code [completions]}
 * @param deviations {@code [groups]}: the standard deviation of each group's rewards
 */
record Advantages(double[] values, double[] deviations) {

    private static final double EPSILON = 1e-4;
    private static final double SAME = 1e-8;

    /** @param rewards {@code [groups * numGenerations]}, a group's next to each other */
    static Advantages of(double[] rewards, int numGenerations, AdvantageOptions options) {
        int groups = rewards.length / numGenerations;
        double[] values = new double[rewards.length];
        double[] deviations = new double[groups];
        double batchMean = mean(rewards, 0, rewards.length);
        for (int group = 0; group < groups; group++) {
            int from = group * numGenerations;
            int to = from + numGenerations;
            deviations[group] = std(rewards, from, to);
            long known = Arrays.stream(rewards, from, to)
                    .filter(reward -> !Double.isNaN(reward))
                    .count();
            double groupMean = mean(rewards, from, to);
            for (int i = from; i < to; i++) {
                values[i] = switch (options.baseline()) {
                    case GROUP -> rewards[i] - groupMean;
                    case LEAVE_ONE_OUT -> known < 2 ? 0 * rewards[i] : (rewards[i] - groupMean) * known / (known - 1.0);
                    case BATCH -> rewards[i] - batchMean;
                };
            }
        }
        double batchStd =
                std(options.baseline() == AdvantageOptions.Baseline.LEAVE_ONE_OUT ? values : rewards, 0, values.length);
        for (int i = 0; i < values.length; i++) {
            double divisor =
                    switch (options.scale()) {
                        case GROUP -> deviations[i / numGenerations] + EPSILON;
                        case BATCH -> batchStd + EPSILON;
                        case NONE -> 1;
                    };
            // Rounding must not teach: where all rewards of a group are equal, so are they and their mean.
            boolean same =
                    options.baseline() != AdvantageOptions.Baseline.BATCH && isSame(deviations, i / numGenerations);
            values[i] = Double.isNaN(values[i]) || same ? 0 : values[i] / divisor;
        }
        return new Advantages(values, deviations);
    }

    /** Whether all known rewards of a group are equal, so that comparing them teaches nothing. */
    boolean isDegenerate(int group) {
        return isSame(deviations, group);
    }

    int degenerateGroups() {
        return (int) Arrays.stream(deviations).filter(std -> std <= SAME).count();
    }

    /** The mean over groups of their rewards' standard deviation. */
    double meanDeviation() {
        return Arrays.stream(deviations).average().orElse(0);
    }

    private static boolean isSame(double[] deviations, int group) {
        return deviations[group] <= SAME;
    }

    private static double mean(double[] values, int from, int to) {
        return Arrays.stream(values, from, to)
                .filter(v -> !Double.isNaN(v))
                .average()
                .orElse(0);
    }

    /** Divided by n - 1; 0 for fewer than two values. */
    private static double std(double[] values, int from, int to) {
        double mean = mean(values, from, to);
        double squares = 0;
        int n = 0;
        for (int i = from; i < to; i++) {
            if (!Double.isNaN(values[i])) {
                squares += (values[i] - mean) * (values[i] - mean);
                n++;
            }
        }
        return n < 2 ? 0 : Math.sqrt(squares / (n - 1));
    }
}
