package dev.hone.trainer.generate;

/** Hears how far a generation is, after each decoding step. */
@FunctionalInterface
public interface GenerationProgress {

    GenerationProgress NONE = (done, total, tokens) -> {};

    /**
     * @param done completions that have ended, of {@code total}
     * @param tokens tokens drawn so far, over all completions
     */
    void advanced(int done, int total, long tokens);
}
