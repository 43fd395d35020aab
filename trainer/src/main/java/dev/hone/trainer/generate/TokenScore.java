package dev.hone.trainer.generate;

/**
 * How likely the model holds a token at its place, and what it would rather have put there. All from one row of logits as
 * they are, at temperature 1, so the likeliest token's log-probability is the same number in both places.
 *
 * @param alternatives the likeliest tokens, the first the likeliest; of equals the one with the smaller id
 * @param alternativeLogprobs theirs
 */
public record TokenScore(int token, float logprob, int[] alternatives, float[] alternativeLogprobs) {}
