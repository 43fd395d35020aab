package dev.hone.datasets.solve;

/**
 * One completion of a prompt.
 *
 * @param text the completion, without the prompt, and without the end token or what a stop string begins
 * @param meanLogprob mean natural log-probability of the completion's tokens, at the sampling temperature; NaN where a
 *     served model does not tell
 * @param tokens length of the completion in tokens
 * @param finished whether an end token or a stop string ended it, rather than the token limit
 */
public record Attempt(String text, double meanLogprob, int tokens, boolean finished) {}
