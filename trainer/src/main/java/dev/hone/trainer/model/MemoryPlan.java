package dev.hone.trainer.model;

import dev.hone.kernels.Device;

/**
 * What a model takes of a device's memory, in bytes, counted before anything is loaded: the same sums by which its buffers
 * are made.
 *
 * @param weights the model's and its adapters', with the F32 of those that are trained in BF16
 * @param gradients of what is trained
 * @param optimizer AdamW's two moments of each trained weight
 * @param activations of a forward and backward pass, with the tables of rotary positions
 * @param cache keys and values of past positions while it generates
 */
public record MemoryPlan(long weights, long gradients, long optimizer, long activations, long cache) {

    /**
     * @param cachedPositions positions of all sequences that are generated together
     * @param device any; none of its memory is taken
     */
    public static MemoryPlan of(ModelConfig config, TransformerOptions options, long cachedPositions, Device device) {
        LoraConfig lora = options.lora();
        long gradients = Parameters.gradientBytes(config, options, device);
        long trained = lora == null ? gradients : Adapters.weightBytes(config, lora);
        return new MemoryPlan(
                Parameters.weightBytes(config, options, device),
                gradients,
                options.trainable() ? 2 * trained : 0,
                Activations.bytes(config, options, device) + Rope.bytes(config),
                2L
                        * config.layers()
                        * cachedPositions
                        * config.keySize()
                        * options.dtype().bytes());
    }

    public long total() {
        return weights + gradients + optimizer + activations + cache;
    }
}
