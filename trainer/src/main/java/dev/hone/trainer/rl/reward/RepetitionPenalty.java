package dev.hone.trainer.rl.reward;

import dev.hone.datasets.UserError;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * {@code -(1 - distinct n-grams / n-grams)} of the completion's tokens: 0 where none repeats, towards -1 where it says one
 * thing over and over (Yeo et al. 2025, "Demystifying Long Chain-of-Thought Reasoning", as in TRL).
 */
public record RepetitionPenalty(int ngram) implements RewardFunction {

    public RepetitionPenalty {
        if (ngram < 1) {
            throw new UserError("ngram is " + ngram + " but must be 1 or more");
        }
    }

    @Override
    public double reward(Sample sample) {
        int[] tokens = sample.tokens();
        int count = tokens.length - ngram + 1;
        if (count < 1) {
            return 0;
        }
        Set<String> distinct = new HashSet<>();
        for (int i = 0; i < count; i++) {
            distinct.add(Arrays.toString(Arrays.copyOfRange(tokens, i, i + ngram)));
        }
        return distinct.size() / (double) count - 1;
    }
}
