package dev.hone.datasets.pairs;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A prompt with its answer key: one line of a JSONL file.
 *
 * @param id unique within its file
 * @param domain what the pair teaches, such as {@code math}
 * @param prompt the text given to the model, up to and including its separator
 * @param answer the answer key that the verifier compares with
 * @param response the worked solution to train on; null where there is none
 * @param verifier name of the verifier that judges completions, see {@link dev.hone.datasets.verify.Verifiers}
 * @param metadata anything else worth keeping, such as {@code level}, {@code seed}, {@code source}
 */
public record Pair(
        String id,
        String domain,
        String prompt,
        String answer,
        @Nullable String response,
        String verifier,
        Map<String, Object> metadata) {
    /** The metadata that says how much the loss on a pair counts; pairs without it count 1. */
    public static final String LOSS_WEIGHT = "loss_weight";

    public Pair {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /** The same pair with another response. */
    public Pair withResponse(String other) {
        return new Pair(id, domain, prompt, answer, other, verifier, metadata);
    }

    /** The same pair, asked otherwise. */
    public Pair withPrompt(String other) {
        return new Pair(id, domain, other, answer, response, verifier, metadata);
    }

    /** The same pair with one more entry of metadata, replacing one of the same key. */
    public Pair withMetadata(String key, Object value) {
        Map<String, Object> extended = new LinkedHashMap<>(metadata);
        extended.put(key, value);
        return new Pair(id, domain, prompt, answer, response, verifier, extended);
    }
}
