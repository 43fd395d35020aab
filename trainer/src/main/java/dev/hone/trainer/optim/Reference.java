package dev.hone.trainer.optim;

import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.ReferencePolicy;
import java.util.List;

/** A model that stands still while another learns. */
public interface Reference extends LogprobSource, AutoCloseable {

    @Override
    void close();

    /** One of this process, which it closes. */
    static Reference of(ReferencePolicy model) {
        return new Reference() {
            @Override
            public List<float[]> logprobs(List<Batch> batches, float temperature) {
                return LogprobSource.of(model).logprobs(batches, temperature);
            }

            @Override
            public void close() {
                model.close();
            }
        };
    }
}
