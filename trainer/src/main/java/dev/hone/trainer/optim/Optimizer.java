package dev.hone.trainer.optim;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Device.AdamW;
import dev.hone.kernels.Device.Arrival;
import dev.hone.kernels.EightBitMoments;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.MemoryPlan;
import dev.hone.trainer.model.Parameters;
import dev.hone.trainer.model.Weight;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * AdamW (Loshchilov and Hutter 2019, algorithm 2) over the flat range of weights a model trains, with decoupled weight decay on matrices
 * and none on norms and biases, and clipping by the global gradient norm. Weights, moments and gradients are F32, the weights
 * in two halves where the model computes in BF16; {@link Optim#ADAMW_8BIT} keeps most moments in 8 bits.
 */
public final class Optimizer implements AutoCloseable {

    private final Device device;
    private final Parameters parameters;
    private final OptimizerOptions options;
    private final Arena arena;
    private final @Nullable EightBitMoments eightBit;
    /** Of the weights from here on the moments are floats. */
    private final long floatsFrom;

    private final Tensor m;
    private final Tensor v;
    private final Tensor norm;
    private long steps;

    public Optimizer(Device device, Parameters parameters, OptimizerOptions options) {
        this.device = device;
        this.parameters = parameters;
        this.options = options;
        boolean inEightBits = options.optim() == Optim.ADAMW_8BIT;
        long size = parameters.trained().size();
        this.floatsFrom = inEightBits ? parameters.trainedDecayedSize() : 0;
        this.arena = device.arena(
                MemoryPlan.momentBytes(size, parameters.trainedDecayedSize(), inEightBits) + Arena.bytes(DType.F32, 1));
        this.eightBit = inEightBits ? EightBitMoments.allocate(arena, device, floatsFrom) : null;
        this.m = arena.allocate(DType.F32, size - floatsFrom);
        this.v = arena.allocate(DType.F32, size - floatsFrom);
        this.norm = arena.allocate(DType.F32, 1);
    }

    /** The Euclidean norm of the gradients as they stand: not finite where one of them is not. {@link #step} clips by it. */
    public double gradientNorm() {
        try (Arrival asked = askGradientNorm()) {
            float[] value = new float[1];
            asked.await(value);
            return value[0];
        }
    }

    /** {@link #gradientNorm}, one float, without waiting for it. */
    Arrival askGradientNorm() {
        device.globalNorm(parameters.gradients(), norm);
        return device.readLater(norm);
    }

    /** Updates the weights by the gradients, clipped by the norm last computed, and sets the gradients to zero. */
    public void step(double learningRate) {
        steps++;
        long decayed = parameters.trainedDecayedSize();
        long all = parameters.trained().size();
        update(0, decayed, learningRate, options.weightDecay());
        if (decayed < all) {
            update(decayed, all, learningRate, 0);
        }
        parameters.changed();
        clearGradients();
    }

    /** Sets the gradients to zero, as after a step. */
    public void clearGradients() {
        device.zero(parameters.gradients());
    }

    /** Of weights that all have decay or all have none. */
    private void update(long from, long to, double learningRate, double weightDecay) {
        Weight trained = parameters.trained().rows(from, to);
        Tensor gradients = parameters.gradients().rows(from, to);
        Tensor clippedBy = options.maxGradNorm() > 0 ? norm : null;
        float maxNorm = (float) options.maxGradNorm();
        AdamW constants = new AdamW(
                (float) learningRate,
                (float) options.adamBeta1(),
                (float) options.adamBeta2(),
                (float) options.adamEpsilon(),
                (float) weightDecay);
        if (eightBit != null && from < floatsFrom) {
            device.adamw8bit(
                    trained.computed(), trained.rest(), eightBit, gradients, clippedBy, maxNorm, constants, steps);
            return;
        }
        device.adamw(
                trained.computed(),
                trained.rest(),
                m.rows(from - floatsFrom, to - floatsFrom),
                v.rows(from - floatsFrom, to - floatsFrom),
                gradients,
                clippedBy,
                maxNorm,
                constants,
                steps);
    }

    /** Updates made. */
    public long steps() {
        return steps;
    }

    /** The moments, for a checkpoint: with {@link #steps} all that resuming needs. */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        if (m.size() > 0) {
            state.put("exp_avg", m);
            state.put("exp_avg_sq", v);
        }
        if (eightBit != null) {
            state.put("exp_avg_8bit", eightBit.m());
            state.put("exp_avg_8bit_absmax", eightBit.mAbsmax());
            state.put("exp_avg_sq_8bit", eightBit.v());
            state.put("exp_avg_sq_8bit_absmax", eightBit.vAbsmax());
        }
        return state;
    }

    /** How the moments are kept. */
    public Optim optim() {
        return options.optim();
    }

    /** Continues after {@code steps} updates, whose moments were put into {@link #state}. */
    public void resumeAt(long steps) {
        this.steps = steps;
    }

    /** Forgets all updates. */
    public void reset() {
        steps = 0;
        state().values().forEach(device::zero);
        clearGradients();
    }

    @Override
    public void close() {
        arena.close();
    }
}
