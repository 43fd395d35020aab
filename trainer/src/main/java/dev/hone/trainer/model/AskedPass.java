package dev.hone.trainer.model;

import dev.hone.kernels.Device.Arrival;
import org.jspecify.annotations.Nullable;

/**
 * A pass asked of the device, which may not have begun: what it gives is on its way. To be awaited or closed, once; other
 * passes may be asked for meanwhile.
 */
public final class AskedPass implements AutoCloseable {

    private final Arrival logprobs;
    private final @Nullable Arrival entropies;

    AskedPass(Arrival logprobs, @Nullable Arrival entropies) {
        this.logprobs = logprobs;
        this.entropies = entropies;
    }

    /**
     * Waits for the pass, but for none asked for after it.
     *
     * @param logprobs {@code [tokens]}, out: of each target; 0 where there is none
     * @param entropies {@code [tokens]}, out, in nats; null where they were not asked for
     */
    public void await(float[] logprobs, float @Nullable [] entropies) {
        this.logprobs.await(logprobs);
        if (entropies != null && this.entropies != null) {
            this.entropies.await(entropies);
        }
    }

    @Override
    public void close() {
        logprobs.close();
        if (entropies != null) {
            entropies.close();
        }
    }
}
