package dev.hone.trainer.distributed;

import dev.hone.trainer.model.Batch;
import dev.hone.trainer.optim.LogprobSource;
import dev.hone.trainer.optim.Reference;
import java.util.List;
import tools.jackson.core.type.TypeReference;

/** A reference that every process has, as rank 0 sees it. */
record DistributedReference(Workers workers, Reference own) implements Reference {

    private static final TypeReference<List<float[]>> ARRAYS = new TypeReference<>() {};

    @Override
    public List<float[]> logprobs(List<Batch> batches, float temperature) {
        return logprobs(workers, own, batches, temperature, true);
    }

    /** @param reference whether of the workers' reference, not of their model */
    static List<float[]> logprobs(
            Workers workers, LogprobSource own, List<Batch> batches, float temperature, boolean reference) {
        return workers.divide(
                batches,
                Batch::size,
                share -> new Order.Logprobs(share, temperature, reference),
                share -> own.logprobs(Shares.of(share, batches), temperature),
                ARRAYS,
                () -> {});
    }

    @Override
    public void close() {
        own.close();
    }
}
