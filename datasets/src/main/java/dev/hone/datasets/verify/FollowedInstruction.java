package dev.hone.datasets.verify;

/**
 * Whether a response follows one of its prompt's instructions.
 *
 * @param instruction its name, such as {@code punctuation:no_comma}
 * @param strict as the response is
 * @param loose as the response is, or in one of the forms of {@link LooseResponse}
 */
public record FollowedInstruction(String instruction, boolean strict, boolean loose) {}
