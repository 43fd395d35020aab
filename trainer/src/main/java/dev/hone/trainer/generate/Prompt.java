package dev.hone.trainer.generate;

/**
 * What to complete.
 *
 * @param tokens at least one
 * @param samples completions to draw
 * @param seed all that the samples' chance follows from: whatever else is generated beside them, they are the same
 */
public record Prompt(int[] tokens, int samples, long seed) {

    public Prompt {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("A prompt needs at least one token");
        }
        if (samples < 1) {
            throw new IllegalArgumentException("samples is " + samples + ": must be at least 1");
        }
    }
}
