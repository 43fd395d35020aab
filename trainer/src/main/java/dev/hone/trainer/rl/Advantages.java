package dev.hone.trainer.rl;

import java.util.Arrays;

/**
 * Group relative advantages (Shao et al. 2024, section 4.1.2): how much better a completion did than the others of its
 * prompt, {@code A = (r - mean(group)) / (std + 1e-4)} with the unbiased standard deviation of the group or the batch, as
 * TRL computes it. A reward of NaN means that nothing is known: such a completion is in no mean, and its advantage is 0.
 *
 * @param values {@code [completions]}
 * @param degenerate {@code [groups]}: all known rewards are equal, so there is nothing to learn from
 */
record Advantages(double[] values, boolean[] degenerate) {

    private static final double EPSILON = 1e-4;
    private static final double SAME = 1e-8;

    /** @param rewards {@code [groups * numGenerations]}, a group's next to each other */
    static Advantages of(double[] rewards, int numGenerations, ScaleRewards scale) {
        int groups = rewards.length / numGenerations;
        double[] values = new double[rewards.length];
        boolean[] degenerate = new boolean[groups];
        double batchStd = std(rewards, 0, rewards.length);
        for (int group = 0; group < groups; group++) {
            int from = group * numGenerations;
            int to = from + numGenerations;
            double mean = mean(rewards, from, to);
            double groupStd = std(rewards, from, to);
            degenerate[group] = groupStd <= SAME;
            double divisor =
                    switch (scale) {
                        case GROUP -> groupStd + EPSILON;
                        case BATCH -> batchStd + EPSILON;
                        case NONE -> 1;
                    };
            for (int i = from; i < to && !degenerate[group]; i++) {
                values[i] = Double.isNaN(rewards[i]) ? 0 : (rewards[i] - mean) / divisor;
            }
        }
        return new Advantages(values, degenerate);
    }

    int degenerateGroups() {
        int count = 0;
        for (boolean one : degenerate) {
            count += one ? 1 : 0;
        }
        return count;
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
