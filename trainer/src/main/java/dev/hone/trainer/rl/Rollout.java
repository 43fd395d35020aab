package dev.hone.trainer.rl;

import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.rl.reward.Score;

/**
 * A completion the policy drew, and what it earned.
 *
 * @param prompt the prompt's tokens
 * @param text the completion's, without the stop token
 */
record Rollout(Pair pair, int[] prompt, Completion completion, String text, Score score) {

    /** Tokens the policy chose, the stop token included. */
    int length() {
        return completion.tokens().length;
    }

    /** NaN where it could not be told. */
    double reward() {
        return score.reward();
    }

    /** Prompt and completion, {@code [prompt + completion]}. */
    int[] tokens() {
        int[] tokens = new int[prompt.length + length()];
        System.arraycopy(prompt, 0, tokens, 0, prompt.length);
        System.arraycopy(completion.tokens(), 0, tokens, prompt.length, length());
        return tokens;
    }
}
