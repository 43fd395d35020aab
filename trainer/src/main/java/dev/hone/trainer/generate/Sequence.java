package dev.hone.trainer.generate;

import java.util.Arrays;

/** A completion in the making. */
final class Sequence {

    final int index;
    final Prefix prefix;
    final long seed;
    final int limit;
    private int[] tokens = new int[64];
    private float[] logprobs = new float[64];
    private int count;

    /** The cache blocks of all positions this sequence can reach, once it is admitted. */
    int[] blocks = {};

    /** @param limit tokens to draw, at most */
    Sequence(int index, Prefix prefix, long seed, int limit) {
        this.index = index;
        this.prefix = prefix;
        this.seed = seed;
        this.limit = limit;
    }

    /** The token to feed next: the prompt's last, then what was drawn last. */
    int lastToken() {
        return count == 0 ? prefix.lastToken() : tokens[count - 1];
    }

    /** The position of {@link #lastToken}. */
    int lastPosition() {
        return prefix.length() + count;
    }

    /** What the next draw is made with; follows from the sample's seed and the token's place alone. */
    long nextSeed() {
        return Seeds.mix(seed, count);
    }

    void append(int token, float logprob) {
        if (count == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * count);
            logprobs = Arrays.copyOf(logprobs, 2 * count);
        }
        tokens[count] = token;
        logprobs[count++] = logprob;
    }

    boolean isFull() {
        return count == limit;
    }

    /** Positions this sequence can come to write: the last token drawn is never fed. */
    int maxPositions() {
        return prefix.length() + limit;
    }

    Completion completion(boolean finished) {
        return new Completion(Arrays.copyOf(tokens, count), Arrays.copyOf(logprobs, count), finished);
    }
}
