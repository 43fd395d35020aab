package dev.hone.perf.training;

import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import dev.hone.perf.harness.Work;
import dev.hone.perf.models.HoneWeights;
import dev.hone.perf.models.Sequences;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import java.util.Arrays;
import java.util.List;

/** A training step as hone's trainer makes it. */
final class HoneTraining implements Work {

    private final Device device;
    private final Transformer model;
    private final Optimizer optimizer;
    private final Batch batch;
    private final float[] coefficients;
    private final float[] logprobs;
    private final double learningRate;

    HoneTraining(ModelConfig config, Sequences sequences, double learningRate, OptimizerOptions options) {
        this.device = Devices.open("cpu");
        this.batch = sequences.packed();
        this.model = Transformer.create(device, config, TransformerOptions.training(batch.size()));
        HoneWeights.draw(model.parameters());
        this.optimizer = new Optimizer(device, model.parameters(), options);
        optimizer.reset();
        this.coefficients = new float[batch.size()];
        Arrays.fill(coefficients, 1f / batch.size());
        this.logprobs = new float[batch.size()];
        this.learningRate = learningRate;
    }

    @Override
    public List<double[]> check() {
        return List.of(new double[] {step(), step(), step()});
    }

    @Override
    public void run() {
        step();
    }

    /** @return the loss before it */
    private double step() {
        double loss = model.forwardBackward(batch, coefficients, 1, logprobs);
        if (!Double.isFinite(optimizer.gradientNorm())) {
            throw new IllegalStateException("the gradient is not finite");
        }
        optimizer.step(learningRate);
        return loss;
    }

    @Override
    public void close() {
        optimizer.close();
        model.close();
        device.close();
    }
}
