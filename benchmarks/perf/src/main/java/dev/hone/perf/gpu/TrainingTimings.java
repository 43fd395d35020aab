package dev.hone.perf.gpu;

import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.Device;
import dev.hone.trainer.model.MemoryPlan;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.optim.LocalEngine;
import dev.hone.trainer.optim.Optim;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Schedules;
import dev.hone.trainer.sft.SftOptions;
import dev.hone.trainer.sft.SftTrainer;
import java.util.List;
import java.util.OptionalLong;

/** Whole steps of supervised fine-tuning: passes over packed sequences, gradient norm, clipping, AdamW. */
final class TrainingTimings {

    private static final int STEP_TOKENS = 16_384;
    private static final int LENGTH = 4096;
    private static final int PAIRS_PER_STEP = 32;
    private static final int WARM_UPS = 3;
    static final int STEPS = 10;

    /** What libraries take beside what is planned. */
    private static final long RESERVE = 3L << 30;

    static final OptimizerOptions OPTIMIZER = optimizer(Optim.ADAMW);

    private final Device device;
    private final Ceilings ceilings;
    private final int shrink;
    private final Runnable warm;

    /** @param warm called when what follows counts */
    TrainingTimings(Device device, Ceilings ceilings, int shrink, Runnable warm) {
        this.device = device;
        this.ceilings = ceilings;
        this.shrink = shrink;
        this.warm = warm;
    }

    /** Steps of 16,384 tokens, 4 sequences: in as few passes as memory allows, or in one that computes activations twice. */
    StepRow packed(QwenShape shape, boolean recompute) {
        ModelConfig config = shape.config(shrink);
        int length = LENGTH / shrink;
        List<TokenizedPair> pairs = Workload.pairs(STEP_TOKENS / LENGTH, length, config.vocabularySize());
        String what = "sft " + shape.label() + (recompute ? ", recompute" : "");
        return steps(what, config, Optim.ADAMW, pairs, STEP_TOKENS / shrink, recompute, length, STEPS, WARM_UPS);
    }

    /** All of 7B trained in the least memory: 8-bit moments, activations computed twice, as long a pass as then fits. */
    StepRow inLeastMemory() {
        ModelConfig config = QwenShape.LARGEST.config(shrink);
        int length = LENGTH / shrink;
        List<TokenizedPair> pairs = Workload.pairs(STEP_TOKENS / LENGTH, length, config.vocabularySize());
        String what = "sft " + QwenShape.LARGEST.label() + ", recompute, adamw_8bit";
        return steps(what, config, Optim.ADAMW_8BIT, pairs, STEP_TOKENS / shrink, true, length, STEPS, WARM_UPS);
    }

    /** Whether a pass takes a step's tokens, so that computing activations twice saves no pass. */
    boolean fits(QwenShape shape) {
        return passTokens(shape.config(shrink), Optim.ADAMW, false, LENGTH / shrink) == STEP_TOKENS / shrink;
    }

    /**
     * An epoch over texts of varied length, 32 a step, after one in which algorithms are chosen for their numbers of tokens,
     * as happens once in a run; {@code warm_up_ms} says what that came to.
     */
    StepRow varied(QwenShape shape, List<Integer> lengths) {
        ModelConfig config = shape.config(shrink);
        List<TokenizedPair> pairs = Workload.pairs(lengths, config.vocabularySize());
        int steps = Math.max(1, pairs.size() / PAIRS_PER_STEP);
        int stepTokens = lengths.stream().mapToInt(Integer::intValue).sum() / steps;
        int longest = lengths.stream().mapToInt(Integer::intValue).max().orElseThrow();
        return steps("varied " + shape.label(), config, Optim.ADAMW, pairs, stepTokens, false, longest, steps, steps);
    }

    private StepRow steps(
            String what,
            ModelConfig config,
            Optim optim,
            List<TokenizedPair> pairs,
            int stepTokens,
            boolean recompute,
            int longest,
            int steps,
            int warmUps) {
        TransformerOptions options = options(passTokens(config, optim, recompute, longest), recompute);
        try (Transformer model = Transformer.create(device, config, options);
                Optimizer optimizer = new Optimizer(device, model.parameters(), optimizer(optim))) {
            RandomWeights.fill(model);
            optimizer.reset();
            SftTrainer trainer = new SftTrainer(
                    model,
                    new LocalEngine(model, optimizer),
                    pairs,
                    new SftOptions(1, stepTokens, longest, Schedules.named("constant", 1e-5, 100, 0, 0)));
            device.synchronize();
            long begin = System.nanoTime();
            for (int step = 0; step < warmUps; step++) {
                trainer.step(step);
            }
            device.synchronize();
            double warmUp = (System.nanoTime() - begin) / 1e6 / warmUps;
            int stepsPerEpoch = SftTrainer.stepsPerEpoch(pairs, stepTokens);
            // Whole epochs from one's start on, so that varied steps are all there.
            long first = (warmUps + stepsPerEpoch - 1L) / stepsPerEpoch * stepsPerEpoch;
            double loss = 0;
            double[] seconds = new double[steps];
            warm.run();
            for (int step = 0; step < steps; step++) {
                device.synchronize();
                long start = System.nanoTime();
                loss = trainer.step(first + step).loss();
                device.synchronize();
                seconds[step] = (System.nanoTime() - start) / 1e9;
            }
            OptionalLong used = GpuMemory.used();
            double median = stepsPerEpoch == 1 ? Spread.median(seconds) : Spread.mean(seconds);
            double tokens =
                    (double) pairs.stream().mapToInt(TokenizedPair::length).sum() / stepsPerEpoch;
            double operations = pairs.stream()
                            .mapToDouble(pair -> QwenShape.trainingOperations(config, pair.length()))
                            .sum()
                    / stepsPerEpoch;
            StepRow row = new StepRow(what, median * 1e3, tokens / median)
                    .with("slowest_ms", Spread.max(seconds) * 1e3)
                    .with("warm_up_ms", warmUp)
                    .with("tflops", operations / median / 1e12)
                    .with("share_of_matmul", operations / median / ceilings.matmul())
                    .with("tokens_of_a_pass", options.maxTokens())
                    .with("planned_bytes", plan(config, options, optim).total())
                    .with("loss", loss);
            return used.isPresent() ? row.with("smi_bytes", used.getAsLong()) : row;
        }
    }

    /** A step's tokens, halved until they fit, but never fewer than the longest sequence. */
    private int passTokens(ModelConfig config, Optim optim, boolean recompute, int longest) {
        long free = GpuMemory.free().orElse(Long.MAX_VALUE);
        int tokens = Math.max(longest, STEP_TOKENS / shrink);
        while (tokens / 2 >= longest
                && plan(config, options(tokens, recompute), optim).total() > free - RESERVE) {
            tokens /= 2;
        }
        return tokens;
    }

    private MemoryPlan plan(ModelConfig config, TransformerOptions options, Optim optim) {
        return MemoryPlan.of(config, options, optim == Optim.ADAMW_8BIT, 0, device);
    }

    private static OptimizerOptions optimizer(Optim optim) {
        return new OptimizerOptions(0.9, 0.95, 1e-8, 0.1, 1.0, optim);
    }

    private static TransformerOptions options(int tokens, boolean recompute) {
        return new TransformerOptions(tokens, recompute, true).withDtype(StepTimings.TYPE);
    }
}
