package dev.hone.trainer.generate;

/**
 * What to complete.
 *
 * @param tokens at least one
 * @param samples completions to draw
 * @param seed all that the samples' chance follows from: whatever else is generated beside them, they are the same
 * @param first number of the first sample: samples 2 and 3 of a prompt are the same whether 0 and 1 are drawn or not
 */
public record Prompt(int[] tokens, int samples, long seed, int first) {

    public Prompt {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("A prompt needs at least one token");
        }
        if (samples < 1 || first < 0) {
            throw new IllegalArgumentException(
                    "samples is " + samples + ", first " + first + ": must be at least 1 and 0");
        }
    }

    /** From the first sample on. */
    public Prompt(int[] tokens, int samples, long seed) {
        this(tokens, samples, seed, 0);
    }
}
