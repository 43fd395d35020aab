package dev.hone.trainer.generate;

/** Hears of completions by their place in the row of all samples of all prompts. */
@FunctionalInterface
public interface CompletionListener {

    void ended(int sequence, Completion completion);

    /**
     * A token was drawn. Where several processes draw, only ends are heard of.
     *
     * @return whether to go on; false ends the completion after this token
     */
    default boolean drawn(int sequence, int token) {
        return true;
    }
}
