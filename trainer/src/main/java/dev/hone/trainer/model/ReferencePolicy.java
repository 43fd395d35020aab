package dev.hone.trainer.model;

import org.jspecify.annotations.Nullable;

/** What a policy's log-probabilities are compared with; it does not change. */
public interface ReferencePolicy extends AutoCloseable {

    /** Tokens of a batch, at most. */
    int maxTokens();

    /**
     * Asks for the log-probabilities of the targets.
     *
     * @param temperature what logits are divided by
     * @param entropies whether those of the predicted distributions are wanted too
     */
    AskedPass askLogprobs(Batch batch, float temperature, boolean entropies);

    /**
     * {@link #askLogprobs}, awaited.
     *
     * @param logprobs {@code [tokens]}, out; 0 where there is no target
     * @param entropies {@code [tokens]}, out, of each predicted distribution in nats; or null
     */
    default void logprobs(Batch batch, float temperature, float[] logprobs, float @Nullable [] entropies) {
        try (AskedPass asked = askLogprobs(batch, temperature, entropies != null)) {
            asked.await(logprobs, entropies);
        }
    }

    @Override
    void close();
}
