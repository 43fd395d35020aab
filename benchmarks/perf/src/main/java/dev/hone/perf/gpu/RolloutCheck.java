package dev.hone.perf.gpu;

import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.DType;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Completions drawn of a small model as a rollout draws them: prompts and completions of varied length come and go, steps are
 * recorded and asked for ahead. Each token's log-probability must have the bits that a training pass over its text gives.
 */
final class RolloutCheck {

    private static final ModelConfig MODEL = new ModelConfig(512, 256, 512, 2, 6, 2, 64, 512, 10_000, 1e-6, true, true);
    private static final int PROMPTS = 12;
    private static final int LONGEST_PROMPT = 150;
    private static final int LONGEST = 24;
    private static final int PASS = 256;
    private static final Set<Integer> STOPS = IntStream.range(0, 40).boxed().collect(Collectors.toSet());

    private RolloutCheck() {}

    /**
     * @param tokens that were drawn
     * @param difference the largest between a token's log-probability when drawn and in a training pass
     */
    record Result(DType dtype, int tokens, double difference) implements GpuCheck.Outcome {
        @Override
        public boolean passed() {
            return tokens > 0 && difference == 0;
        }

        @Override
        public String summary() {
            return String.format(
                    Locale.ROOT,
                    "%d tokens drawn, log-probabilities differ from training's by %.1e at most",
                    tokens,
                    difference);
        }
    }

    static Result run(DType dtype, Device device) {
        TransformerOptions options = TransformerOptions.training(PASS).withDtype(dtype);
        try (Transformer model = Transformer.create(device, MODEL, options);
                Generator generator = new Generator(model, new GeneratorOptions(20, 8192, 64, 16))) {
            model.initialize(1);
            Random random = new Random(2);
            List<Prompt> prompts = new ArrayList<>();
            for (int i = 0; i < PROMPTS; i++) {
                int length = 1 + random.nextInt(LONGEST_PROMPT);
                int[] tokens = random.ints(length, 0, MODEL.vocabularySize()).toArray();
                prompts.add(new Prompt(tokens, 1 + random.nextInt(4), i));
            }
            List<List<Completion>> drawn =
                    generator.generate(prompts, SamplingOptions.sampled(1, LONGEST, STOPS), GenerationProgress.NONE);
            int tokens = 0;
            double difference = 0;
            for (int i = 0; i < PROMPTS; i++) {
                for (Completion completion : drawn.get(i)) {
                    tokens += completion.tokens().length;
                    difference = Math.max(difference, difference(model, prompts.get(i), completion));
                }
            }
            return new Result(dtype, tokens, difference);
        }
    }

    private static double difference(Transformer model, Prompt prompt, Completion completion) {
        int[] text = IntStream.concat(IntStream.of(prompt.tokens()), IntStream.of(completion.tokens()))
                .toArray();
        float[] logprobs = new float[text.length];
        model.logprobs(
                Batch.pack(List.of(new TokenizedPair("drawn", text, prompt.tokens().length))), 1, logprobs, null);
        double largest = 0;
        for (int t = 0; t < completion.tokens().length; t++) {
            // What follows a token is drawn from its row.
            float trained = logprobs[prompt.tokens().length - 1 + t];
            largest = Math.max(largest, Math.abs(trained - completion.logprobs()[t]));
        }
        return largest;
    }
}
