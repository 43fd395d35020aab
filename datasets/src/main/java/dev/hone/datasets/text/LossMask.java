package dev.hone.datasets.text;

/**
 * Which tokens of a pair carry loss; both conditions hold where both are asked for.
 *
 * @param assistantOnly only what the assistant wrote, in every turn
 * @param completionOnly only what follows the last prompt
 */
public record LossMask(boolean assistantOnly, boolean completionOnly) {

    /** What the assistant wrote, in every turn. */
    public static final LossMask ASSISTANT = new LossMask(true, false);
}
