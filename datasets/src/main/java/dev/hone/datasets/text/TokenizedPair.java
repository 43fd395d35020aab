package dev.hone.datasets.text;

/**
 * A pair as the model sees it.
 *
 * @param id the pair's id
 * @param tokens prompt, response and end-of-text, in this order; not to be modified
 * @param promptLength how many of the tokens are the prompt; they carry no loss
 */
public record TokenizedPair(String id, int[] tokens, int promptLength) {
    public TokenizedPair {
        if (promptLength < 1 || promptLength >= tokens.length) {
            throw new IllegalArgumentException(
                    "Pair %s: promptLength is %d, must be between 1 and %d, so that there is something to learn"
                            .formatted(id, promptLength, tokens.length - 1));
        }
    }

    /** Length in tokens. */
    public int length() {
        return tokens.length;
    }
}
