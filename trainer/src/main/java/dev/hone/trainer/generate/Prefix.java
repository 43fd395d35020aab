package dev.hone.trainer.generate;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /** How the prompt's tokens are to be scored; null for not at all. */
    final @Nullable Scoring scoring;

    /** Of the prompt's tokens from the second on, as far as it is in the cache. */
    final List<TokenScore> scores = new ArrayList<>();

    Prefix(int[] prompt, int samples, @Nullable Scoring scoring) {
        this.prompt = prompt;
        this.waiting = samples;
        this.scoring = scoring != null && scoring.prompt() ? scoring : null;
    }

    int length() {
        return prompt.length - 1;
    }

    /** The token at a position, the prompt's last included. */
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
