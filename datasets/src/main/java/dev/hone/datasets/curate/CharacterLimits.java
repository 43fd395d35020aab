package dev.hone.datasets.curate;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.util.Optional;

/**
 * Drops pairs by their length in characters, which needs no tokenizer.
 *
 * @param minPrompt fewest characters of a prompt, white space around it not counted
 * @param minResponse fewest characters of a response, where there is one
 * @param maxTotal most characters of prompt and response together
 */
public record CharacterLimits(int minPrompt, int minResponse, int maxTotal) implements PairRule {
    public CharacterLimits {
        if (minPrompt < 0 || minResponse < 0 || maxTotal < 1) {
            throw new IllegalArgumentException("Limits are %d, %d and %d: must be at least 0, 0 and 1"
                    .formatted(minPrompt, minResponse, maxTotal));
        }
    }

    @Override
    public Optional<Dropped> judge(Pair pair) {
        int prompt = pair.prompt().strip().length();
        int response = pair.response() == null ? 0 : pair.response().strip().length();
        if (prompt < minPrompt || (pair.response() != null && response < minResponse)) {
            return Optional.of(new Dropped(pair.withMetadata("characters", prompt + response), Reason.TOO_SHORT));
        }
        return prompt + response > maxTotal
                ? Optional.of(new Dropped(pair.withMetadata("characters", prompt + response), Reason.TOO_LONG))
                : Optional.empty();
    }
}
