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
 * @param chat the conversation that {@code prompt} and {@code response} are the text of, for models with a chat
 *     template; null where the pair is no conversation
 */
public record Pair(
        String id,
        String domain,
        String prompt,
        String answer,
        @Nullable String response,
        String verifier,
        Map<String, Object> metadata,
        @Nullable Chat chat) {
    /** The metadata that says how much the loss on a pair counts; pairs without it count 1. */
    public static final String LOSS_WEIGHT = "loss_weight";

    public Pair {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /** A pair that is no conversation. */
    public Pair(
            String id,
            String domain,
            String prompt,
            String answer,
            @Nullable String response,
            String verifier,
            Map<String, Object> metadata) {
        this(id, domain, prompt, answer, response, verifier, metadata, null);
    }

    /** What a model is to answer. */
    public Asked asked() {
        return new Asked(prompt, chat == null ? null : chat.asked());
    }

    /**
     * The pair as a conversation with its answer.
     *
     * @throws IllegalStateException where the pair has no response
     */
    public Chat answered() {
        if (chat != null && chat.isAnswered()) {
            return chat;
        }
        if (response == null) {
            throw new IllegalStateException("Pair " + id + " has no response");
        }
        return asked().messages().with(Chat.message("assistant", response));
    }

    /** The same pair with another response. */
    public Pair withResponse(String other) {
        @Nullable Chat answered = chat == null ? null : chat.asked().with(Chat.message("assistant", other));
        return new Pair(id, domain, prompt, answer, other, verifier, metadata, answered);
    }

    /** The same pair in another domain. */
    public Pair withDomain(String other) {
        return new Pair(id, other, prompt, answer, response, verifier, metadata, chat);
    }

    /** The same pair under another id. */
    public Pair withId(String other) {
        return new Pair(other, domain, prompt, answer, response, verifier, metadata, chat);
    }

    /** The same pair, asked otherwise. */
    public Pair withPrompt(String other) {
        return new Pair(id, domain, other, answer, response, verifier, metadata);
    }

    /** The same pair with one more entry of metadata, replacing one of the same key. */
    public Pair withMetadata(String key, Object value) {
        Map<String, Object> extended = new LinkedHashMap<>(metadata);
        extended.put(key, value);
        return new Pair(id, domain, prompt, answer, response, verifier, extended, chat);
    }
}
