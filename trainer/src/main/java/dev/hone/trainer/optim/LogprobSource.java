package dev.hone.trainer.optim;

import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.ReferencePolicy;
import java.util.List;

/** Says how likely a model finds tokens. */
@FunctionalInterface
public interface LogprobSource {

    /**
     * The log-probabilities of each batch's targets; see {@code Transformer.logprobs}.
     *
     * @param temperature what logits are divided by
     * @return an array {@code [tokens]} for each batch
     */
    List<float[]> logprobs(List<Batch> batches, float temperature);

    /** A model of this process. */
    static LogprobSource of(ReferencePolicy model) {
        return (batches, temperature) -> {
            try (AskedPasses asked = new AskedPasses(batches, batch -> model.askLogprobs(batch, temperature, false))) {
                return asked.logprobs(batches);
            }
        };
    }
}
