package dev.hone.trainer.generate;

/**
 * A prompt but for its last token, computed once for all samples of the prompt. Its full cache blocks are shared; the
 * last, partly filled one is copied for each sample but the last, which takes it over.
 */
final class Prefix {

    private final int[] prompt;

    /** Samples that have not been admitted yet; until there is none, the prefix itself holds its blocks. */
    int waiting;

    /** Blocks of positions {@code [0, length)}; empty until the prefix is in the cache. */
    int[] blocks = {};

    Prefix(int[] prompt, int samples) {
        this.prompt = prompt;
        this.waiting = samples;
    }

    int length() {
        return prompt.length - 1;
    }

    int token(int position) {
        return prompt[position];
    }

    int lastToken() {
        return prompt[prompt.length - 1];
    }

    boolean isCached() {
        return blocks.length > 0 || length() == 0;
    }
}
