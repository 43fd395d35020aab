package dev.hone.datasets.reference;

import org.jspecify.annotations.Nullable;

/**
 * One answer of a reference model.
 *
 * @param text what it says
 * @param finished whether it came to an end, rather than to the token limit
 * @param meanLogprob mean log-probability of its tokens; null where the server does not tell
 * @param tokens how many there are; 0 where the server does not tell
 */
public record ChatAnswer(
        String text, boolean finished, @Nullable Double meanLogprob, int tokens) {}
