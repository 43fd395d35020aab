package dev.hone.trainer.optim;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Device.AdamW;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.model.Parameters;
import dev.hone.trainer.model.Weight;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * AdamW (Loshchilov and Hutter 2019, algorithm 2) over the flat range of weights a model trains, with decoupled weight decay on matrices
 * and none on norms and biases, and clipping by the global gradient norm. Weights, moments and gradients are F32, the weights
 * in two halves where the model computes in BF16.
 */
public final class Optimizer implements AutoCloseable {

    private final Device device;
    private final Parameters parameters;
    private final OptimizerOptions options;
    private final Arena arena;
    private final Tensor m;
    private final Tensor v;
    private final Tensor norm;
    private long steps;

    public Optimizer(Device device, Parameters parameters, OptimizerOptions options) {
        this.device = device;
        this.parameters = parameters;
        this.options = options;
        long size = parameters.trained().size();
        this.arena = device.arena(2 * Arena.bytes(DType.F32, size) + Arena.bytes(DType.F32, 1));
        this.m = arena.allocate(DType.F32, size);
        this.v = arena.allocate(DType.F32, size);
        this.norm = arena.allocate(DType.F32, 1);
    }

    /** The Euclidean norm of the gradients as they stand: not finite where one of them is not. {@link #step} clips by it. */
    public double gradientNorm() {
        device.globalNorm(parameters.gradients(), norm);
        float[] value = new float[1];
        device.read(norm, value);
        return value[0];
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

    private void update(long from, long to, double learningRate, double weightDecay) {
        Weight trained = parameters.trained().rows(from, to);
        device.adamw(
                trained.computed(),
                trained.rest(),
                m.rows(from, to),
                v.rows(from, to),
                parameters.gradients().rows(from, to),
                options.maxGradNorm() > 0 ? norm : null,
                (float) options.maxGradNorm(),
                new AdamW(
                        (float) learningRate,
                        (float) options.adamBeta1(),
                        (float) options.adamBeta2(),
                        (float) options.adamEpsilon(),
                        (float) weightDecay),
                steps);
    }

    /** Updates made. */
    public long steps() {
        return steps;
    }

    /** The moments, for a checkpoint: with {@link #steps} all that resuming needs. */
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        state.put("exp_avg", m);
        state.put("exp_avg_sq", v);
        return state;
    }

    /** Continues after {@code steps} updates, whose moments were put into {@link #state}. */
    public void resumeAt(long steps) {
        this.steps = steps;
    }

    /** Forgets all updates. */
    public void reset() {
        steps = 0;
        device.zero(m);
        device.zero(v);
        clearGradients();
    }

    @Override
    public void close() {
        arena.close();
    }
}
