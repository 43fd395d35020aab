package dev.hone.perf.gpu;

import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.optim.Gradient;
import dev.hone.trainer.optim.LocalEngine;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Pass;
import dev.hone.trainer.optim.PassResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** A small model trained from one start on a device, twice, and on {@code cpu}: the curves and the bits. */
final class TrainingCheck {

    private static final ModelConfig MODEL = new ModelConfig(512, 128, 384, 4, 4, 2, 32, 512, 10_000, 1e-6, true, true);
    private static final int STEPS = 30;
    private static final int TOKENS = 256;

    /** Sums in another order, grown over the steps: in float32, and where activations are rounded to 8 bits. */
    private static final double ALLOWED = 5e-3;

    private static final double ALLOWED_BF16 = 2e-2;

    private TrainingCheck() {}

    /** @param difference the largest relative difference of a loss from the cpu's */
    record Result(DType dtype, List<Double> losses, List<Double> cpuLosses, double difference, boolean sameBits)
            implements GpuCheck.Outcome {
        @Override
        public boolean passed() {
            return sameBits
                    && difference <= (dtype == DType.F32 ? ALLOWED : ALLOWED_BF16)
                    && losses.get(STEPS - 1) < losses.get(0);
        }

        @Override
        public String summary() {
            return String.format(
                    Locale.ROOT,
                    "loss %.4f to %.4f, cpu to %.4f, differs by %.1e at most, two runs %s",
                    losses.get(0),
                    losses.get(STEPS - 1),
                    cpuLosses.get(STEPS - 1),
                    difference,
                    sameBits ? "have the same bits" : "DIFFER");
        }
    }

    /** @param weights their bits' hash */
    private record Run(List<Double> losses, int weights) {}

    static Result run(DType dtype, Device device, Device cpu) {
        Run first = train(dtype, device);
        Run second = train(dtype, device);
        Run expected = train(dtype, cpu);
        double difference = 0;
        for (int step = 0; step < STEPS; step++) {
            difference = Math.max(
                    difference,
                    Math.abs(first.losses.get(step) - expected.losses.get(step)) / Math.abs(expected.losses.get(step)));
        }
        boolean same = first.equals(second);
        return new Result(dtype, first.losses, expected.losses, difference, same);
    }

    private static Run train(DType dtype, Device device) {
        TransformerOptions options = TransformerOptions.training(TOKENS).withDtype(dtype);
        try (Transformer model = Transformer.create(device, MODEL, options);
                Optimizer optimizer =
                        new Optimizer(device, model.parameters(), new OptimizerOptions(0.9, 0.95, 1e-8, 0.1, 1.0))) {
            model.initialize(1);
            LocalEngine engine = new LocalEngine(model, optimizer);
            engine.clearGradients();
            List<Double> losses = new ArrayList<>();
            for (int step = 0; step < STEPS; step++) {
                Gradient gradient = engine.gradient(passes(new Random(step % 4)));
                losses.add(
                        gradient.passes().stream().mapToDouble(PassResult::loss).sum());
                if (!Double.isFinite(gradient.norm())) {
                    throw new IllegalStateException("the gradient is not finite at step " + step);
                }
                engine.step(1e-3);
            }
            return new Run(losses, Arrays.hashCode(model.parameters().weights().floats()));
        }
    }

    /** Two, of uneven lengths, whose loss is the mean over their tokens. */
    private static List<Pass> passes(Random random) {
        List<Batch> batches = List.of(batch(random, 0, 20, 21, 150, TOKENS), batch(random, 0, 77));
        int lossTokens = batches.stream().mapToInt(Batch::lossTokens).sum();
        return batches.stream()
                .map(batch -> {
                    float[] coefficients = new float[batch.size()];
                    Arrays.fill(coefficients, 1f / lossTokens);
                    return new Pass(batch, coefficients, null, 1);
                })
                .toList();
    }

    /** The first tokens of each sequence carry no loss. */
    private static Batch batch(Random random, int... offsets) {
        int size = offsets[offsets.length - 1];
        int[] tokens = random.ints(size, 0, MODEL.vocabularySize()).toArray();
        int[] positions = new int[size];
        int[] targets = new int[size];
        Arrays.fill(targets, -1);
        for (int s = 0; s + 1 < offsets.length; s++) {
            for (int t = offsets[s]; t < offsets[s + 1]; t++) {
                positions[t] = t - offsets[s];
                if (positions[t] >= 5 && t + 1 < offsets[s + 1]) {
                    targets[t] = tokens[t + 1];
                }
            }
        }
        return new Batch(Collections.nCopies(offsets.length - 1, "a"), tokens, positions, offsets, targets);
    }
}
