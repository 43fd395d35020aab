package dev.hone.datasets.sources;

import org.jspecify.annotations.Nullable;

/**
 * What a row says, whatever its form: something asked and something answered.
 *
 * @param prompt what is asked
 * @param response what is answered, worked out; null where only the key is given
 * @param key the answer key, where a field of its own gives it
 */
record Exchange(
        String prompt, @Nullable String response, @Nullable String key) {}
