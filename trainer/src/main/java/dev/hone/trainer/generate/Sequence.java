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
    /** Draws asked for; of the last the token may not be here yet. */
    private int asked;
    /** The row of the step in which the last draw was asked for. */
    private int drawnIn;

    /** Its row among the active; -1 where it has none. */
    int place = -1;

    /** The cache blocks of all positions this sequence can reach, once it is admitted. */
    int[] blocks = {};

    /** @param limit tokens to draw, at most */
    Sequence(int index, Prefix prefix, long seed, int limit) {
        this.index = index;
        this.prefix = prefix;
        this.seed = seed;
        this.limit = limit;
    }

    /** The token to feed next, where it is here: the prompt's last, then what was drawn last. */
    int lastToken() {
        return count == 0 ? prefix.lastToken() : tokens[count - 1];
    }

    /** The row of the step before in which the token to feed next is drawn; -1 where it is here. */
    int lastRow() {
        return asked > count ? drawnIn : -1;
    }

    /** The position of the token to feed next. */
    int lastPosition() {
        return prefix.length() + asked;
    }

    /** What the next draw is made with; follows from the sample's seed and the token's place alone. */
    long nextSeed() {
        return Seeds.mix(seed, asked);
    }

    /** A draw is asked for in a row of a step. */
    void ask(int row) {
        asked++;
        drawnIn = row;
    }

    /** Whether all tokens that it can have were asked for. */
    boolean isAsked() {
        return asked == limit;
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
