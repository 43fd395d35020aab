package dev.hone.perf.gpu;

import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.Device;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.GeneratorOptions;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.optim.Gradient;
import dev.hone.trainer.optim.LocalEngine;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.Pass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * A step of group relative policy optimization on one model in one memory: completions are drawn in groups, and trained on
 * with the log-probabilities they were drawn with. Rewards are random, since their cost is not the device's.
 */
final class GrpoTimings {

    private static final int PASS_TOKENS = 8192;
    private static final int PROMPT = 128;

    /** @param prompts groups of {@code samples} completions of {@code length} tokens each */
    record Size(int prompts, int samples, int length) {
        @Override
        public String toString() {
            return prompts + " x " + samples + " x " + length;
        }
    }

    private GrpoTimings() {}

    static StepRow measure(Device device, int shrink, QwenShape shape, Size size) {
        ModelConfig config = shape.config(shrink);
        int sequences = size.prompts * size.samples;
        int passTokens = Math.max(sequences, PASS_TOKENS / shrink);
        try (Transformer policy = Transformer.create(
                        device, config, TransformerOptions.training(passTokens).withDtype(StepTimings.TYPE));
                Optimizer optimizer = new Optimizer(device, policy.parameters(), TrainingTimings.OPTIMIZER);
                Generator generator = new Generator(policy, GeneratorOptions.of(sequences, PROMPT + size.length))) {
            RandomWeights.fill(policy);
            optimizer.reset();
            List<Prompt> prompts = Workload.prompts(
                    Collections.nCopies(size.prompts, PROMPT / shrink + 1), size.samples, config.vocabularySize());
            // The first steps of each number of rows make the device ready.
            generator.generate(prompts, SamplingOptions.sampled(1, 4, Set.of()), GenerationProgress.NONE);
            device.synchronize();
            long start = System.nanoTime();
            List<List<Completion>> completions = generator.generate(
                    prompts, SamplingOptions.sampled(1, size.length, Set.of()), GenerationProgress.NONE);
            double rollout = (System.nanoTime() - start) / 1e9;
            double mismatch = update(policy, optimizer, prompts, completions);
            device.synchronize();
            double whole = (System.nanoTime() - start) / 1e9;
            long tokens = (long) sequences * size.length;
            return new StepRow("grpo " + shape.label() + ", " + size, whole * 1e3, tokens / whole)
                    .with("rollout_s", rollout)
                    .with("update_s", whole - rollout)
                    .with("largest_logprob_difference", mismatch);
        }
    }

    /** @return the largest difference between a token's log-probability when drawn and in training */
    private static double update(
            Transformer policy, Optimizer optimizer, List<Prompt> prompts, List<List<Completion>> completions) {
        Random rewards = new Random(1);
        List<TokenizedPair> pairs = new ArrayList<>();
        List<float[]> drawn = new ArrayList<>();
        List<Double> advantages = new ArrayList<>();
        long tokens = 0;
        for (int p = 0; p < prompts.size(); p++) {
            int[] prompt = prompts.get(p).tokens();
            for (Completion completion : completions.get(p)) {
                int[] all = IntStream.concat(IntStream.of(prompt), IntStream.of(completion.tokens()))
                        .toArray();
                pairs.add(new TokenizedPair(String.valueOf(pairs.size()), all, prompt.length));
                drawn.add(completion.logprobs());
                advantages.add(rewards.nextGaussian());
                tokens += completion.tokens().length;
            }
        }
        LocalEngine engine = new LocalEngine(policy, optimizer);
        List<Pass> passes = new ArrayList<>();
        for (List<TokenizedPair> bin : engine.pack(pairs)) {
            Batch batch = Batch.pack(bin);
            float[] coefficients = new float[batch.size()];
            for (int s = 0; s < batch.sequences(); s++) {
                float coefficient = (float) (advantages.get(index(batch, s)) / tokens);
                Arrays.fill(coefficients, batch.offsets()[s], batch.offsets()[s + 1], coefficient);
            }
            passes.add(new Pass(batch, coefficients, null, 1));
        }
        Gradient gradient = engine.gradient(passes);
        if (!Double.isFinite(gradient.norm())) {
            throw new IllegalStateException("the gradient is not finite");
        }
        engine.step(1e-6);
        double mismatch = 0;
        for (int i = 0; i < passes.size(); i++) {
            Batch batch = passes.get(i).batch();
            float[] logprobs = gradient.passes().get(i).logprobs();
            for (int s = 0; s < batch.sequences(); s++) {
                float[] expected = drawn.get(index(batch, s));
                int from = batch.offsets()[s + 1] - expected.length - 1;
                for (int t = 0; t < expected.length; t++) {
                    mismatch = Math.max(mismatch, Math.abs(logprobs[from + t] - expected[t]));
                }
            }
        }
        return mismatch;
    }

    private static int index(Batch batch, int sequence) {
        return Integer.parseInt(batch.ids().get(sequence));
    }
}
