package dev.hone.trainer.model;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.EightBitMoments;

/**
 * What a model takes of a device's memory, in bytes, counted before anything is loaded: the same sums by which its buffers
 * are made.
 *
 * @param weights the model's and its adapters', with what those that are trained in BF16 leave out of F32
 * @param gradients of what is trained
 * @param optimizer AdamW's two moments of each trained weight
 * @param activations of a forward and backward pass, with the tables of rotary positions
 * @param cache keys and values of past positions while it generates
 */
public record MemoryPlan(long weights, long gradients, long optimizer, long activations, long cache) {

    /**
     * @param eightBitMoments whether AdamW keeps moments in 8 bits
     * @param cachedPositions positions of all sequences that are generated together
     * @param device any; none of its memory is taken
     */
    public static MemoryPlan of(
            ModelConfig config,
            TransformerOptions options,
            boolean eightBitMoments,
            long cachedPositions,
            Device device) {
        return new MemoryPlan(
                Parameters.weightBytes(config, options, device),
                Parameters.gradientBytes(config, options, device),
                options.trainable()
                        ? momentBytes(
                                Parameters.trainedSize(config, options, device),
                                Parameters.trainedDecayedSize(config, options, device),
                                eightBitMoments)
                        : 0,
                Activations.bytes(config, options, device) + Rope.bytes(config),
                2L
                        * config.layers()
                        * cachedPositions
                        * config.keySize()
                        * options.dtype().bytes());
    }

    /** {@link #of(ModelConfig, TransformerOptions, boolean, long, Device)} with moments of floats. */
    public static MemoryPlan of(ModelConfig config, TransformerOptions options, long cachedPositions, Device device) {
        return of(config, options, false, cachedPositions, device);
    }

    /**
     * Bytes of an arena that AdamW's moments take.
     *
     * @param trained weights that are trained
     * @param decayed those of them that have weight decay
     * @param eightBit whether the moments of those are kept in 8 bits
     */
    public static long momentBytes(long trained, long decayed, boolean eightBit) {
        return eightBit
                ? EightBitMoments.bytes(decayed) + 2 * Arena.bytes(DType.F32, trained - decayed)
                : 2 * Arena.bytes(DType.F32, trained);
    }

    public long total() {
        return weights + gradients + optimizer + activations + cache;
    }
}
