package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.Chat;
import org.jspecify.annotations.Nullable;

/**
 * What a row says, whatever its form: something asked and something answered.
 *
 * @param prompt what is asked
 * @param response what is answered, worked out; null where only the key is given
 * @param key the answer key, where a field of its own gives it
 * @param chat the same as a conversation, where the row is one
 */
record Exchange(
        String prompt,
        @Nullable String response,
        @Nullable String key,
        @Nullable Chat chat) {

    /** Something asked and answered that is no conversation. */
    Exchange(String prompt, @Nullable String response, @Nullable String key) {
        this(prompt, response, key, null);
    }
}
