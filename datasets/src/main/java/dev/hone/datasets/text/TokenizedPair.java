package dev.hone.datasets.text;

import java.util.Arrays;

/**
 * A pair as the model sees it.
 *
 * @param id the pair's id
 * @param tokens prompt, response and end-of-text, in this order, or a whole conversation; not to be modified
 * @param learned which of the tokens carry loss; not to be modified
 * @param weight how much their loss counts; 1 for most
 */
public record TokenizedPair(String id, int[] tokens, boolean[] learned, float weight) {
    public TokenizedPair {
        if (!(weight > 0 && weight < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Pair %s: weight is %s, must be above 0".formatted(id, weight));
        }
        if (tokens.length != learned.length) {
            throw new IllegalArgumentException(
                    "Pair %s: %d tokens, but learned has %d".formatted(id, tokens.length, learned.length));
        }
        int first = first(learned);
        if (first < 1 || first == learned.length) {
            throw new IllegalArgumentException(
                    "Pair %s: the first token with loss is %d, must be between 1 and %d, so that there is something to learn"
                            .formatted(id, first, tokens.length - 1));
        }
    }

    /** Of weight 1. */
    public TokenizedPair(String id, int[] tokens, boolean[] learned) {
        this(id, tokens, learned, 1);
    }

    /** A prompt, which carries no loss, and a response, which does. */
    public TokenizedPair(String id, int[] tokens, int promptLength) {
        this(id, tokens, after(promptLength, tokens.length));
    }

    /** The same with another weight. */
    public TokenizedPair withWeight(float other) {
        return new TokenizedPair(id, tokens, learned, other);
    }

    /** Length in tokens. */
    public int length() {
        return tokens.length;
    }

    /** How many tokens carry loss. */
    public int lossTokens() {
        int count = 0;
        for (boolean one : learned) {
            count += one ? 1 : 0;
        }
        return count;
    }

    /** How many tokens stand before the first that carries loss. */
    public int promptLength() {
        return first(learned);
    }

    private static boolean[] after(int promptLength, int length) {
        boolean[] learned = new boolean[length];
        Arrays.fill(learned, Math.min(Math.max(promptLength, 0), length), length, true);
        return learned;
    }

    private static int first(boolean[] learned) {
        int i = 0;
        while (i < learned.length && !learned[i]) {
            i++;
        }
        return i;
    }
}
