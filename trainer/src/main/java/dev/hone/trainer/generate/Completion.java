package dev.hone.trainer.generate;

import java.util.Arrays;

/**
 * One sampled answer.
 *
 * @param tokens what was drawn; the last is the stop token when {@code finished}
 * @param logprobs {@code [tokens]}: each token's log-probability at the sampling temperature, before top-k, top-p and
 *     min-p cut the distribution
 * @param finished ended by a stop token, not by the limit
 */
public record Completion(int[] tokens, float[] logprobs, boolean finished) {

    /** The mean log-probability of the tokens; 0 where there are none. */
    public double meanLogprob() {
        double sum = 0;
        for (float logprob : logprobs) {
            sum += logprob;
        }
        return tokens.length == 0 ? 0 : sum / tokens.length;
    }

    /** Its first tokens alone, as if it had been given up after them. */
    Completion first(int count) {
        return count == tokens.length
                ? this
                : new Completion(Arrays.copyOf(tokens, count), Arrays.copyOf(logprobs, count), false);
    }

    /** The tokens without the stop token: what to decode. */
    public int[] textTokens() {
        return finished ? Arrays.copyOf(tokens, tokens.length - 1) : tokens;
    }
}
