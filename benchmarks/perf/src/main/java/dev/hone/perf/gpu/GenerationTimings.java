package dev.hone.perf.gpu;

import dev.hone.kernels.Device;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.GeneratorOptions;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;

/** Completions of one model, drawn as hone draws them everywhere: paged cache, continuous batching. */
final class GenerationTimings {

    private static final int CONTEXT = 1024;
    private static final int DECODED = 48;

    /** Until a step's operations were all done once, and recorded. */
    private static final int WARM_UPS = 8;

    static final int STEPS = DECODED - WARM_UPS;

    private static final int PREFILL = 2048;

    private final Device device;
    private final Ceilings ceilings;
    private final int shrink;
    private final QwenShape shape;
    private final ModelConfig config;
    private final Runnable warm;

    /** @param warm called when what follows counts */
    GenerationTimings(Device device, Ceilings ceilings, int shrink, QwenShape shape, Runnable warm) {
        this.device = device;
        this.ceilings = ceilings;
        this.shrink = shrink;
        this.shape = shape;
        this.config = shape.config(shrink);
        this.warm = warm;
    }

    private Transformer model() {
        Transformer model = Transformer.create(
                device, config, TransformerOptions.inference(PREFILL).withDtype(StepTimings.TYPE));
        RandomWeights.fill(model);
        return model;
    }

    /**
     * A token for each of {@code batch} sequences of about 1024 tokens, greedy. Its floor is the time in which the weights
     * and the keys and values of the context could be copied.
     */
    StepRow decode(int batch) {
        int length = (CONTEXT - DECODED / 2) / shrink;
        double[] seconds = new double[STEPS];
        long[] last = {0};
        int[] step = {0};
        GenerationProgress clock = (done, total, tokens) -> {
            long now = System.nanoTime();
            if (step[0] >= WARM_UPS) {
                seconds[step[0] - WARM_UPS] = (now - last[0]) / 1e9;
            }
            last[0] = now;
            if (++step[0] == WARM_UPS) {
                warm.run();
            }
        };
        List<Prompt> prompts = Workload.prompts(Collections.nCopies(batch, length), 1, config.vocabularySize());
        double whole;
        try (Transformer model = model();
                Generator generator = new Generator(model, GeneratorOptions.of(batch, length + DECODED))) {
            device.synchronize();
            long start = System.nanoTime();
            generator.generate(prompts, SamplingOptions.greedy(DECODED, Set.of()), clock);
            whole = (System.nanoTime() - start) / 1e9;
        }
        double median = Spread.median(seconds);
        double weights = (double) QwenShape.multiplied(config) * StepTimings.TYPE.bytes();
        double cache = 2.0
                * config.layers()
                * config.keySize()
                * StepTimings.TYPE.bytes()
                * batch
                * (length + (WARM_UPS + DECODED) / 2.0);
        double floor = (weights + cache) / ceilings.copy();
        return new StepRow("decode " + shape.label() + ", batch " + batch, median * 1e3, batch / median)
                .with("floor_ms", floor * 1e3)
                .with("share_of_floor", floor / median)
                .with("slowest_ms", Spread.max(seconds) * 1e3)
                .with("prompts_and_first_steps_s", whole - seconds.length * median);
    }

    /** Prompts and completions of varied length, all asked for at once. */
    StepRow generate(Workload workload) {
        List<Prompt> prompts = Workload.prompts(workload.prompts(), 1, config.vocabularySize());
        int longest = 0;
        long tokens = 0;
        for (int i = 0; i < prompts.size(); i++) {
            longest = Math.max(
                    longest, workload.prompts().get(i) + workload.completions().get(i));
            tokens += workload.completions().get(i);
        }
        List<Double> seconds = new ArrayList<>();
        try (Transformer model = model();
                Generator generator = new Generator(model, GeneratorOptions.of(prompts.size(), longest))) {
            for (int i = 0; i < 2; i++) {
                seconds.add(seconds(generator, prompts, workload.completions()));
            }
        }
        double best = seconds.get(1);
        return new StepRow("generate " + shape.label(), best * 1e3, tokens / best)
                .with("new_tokens", tokens)
                .with("first_call_s", seconds.get(0));
    }

    private static double seconds(Generator generator, List<Prompt> prompts, List<Integer> completions) {
        long start = System.nanoTime();
        Generator.Decoding decoding = generator.decoding();
        for (int i = 0; i < prompts.size(); i++) {
            decoding.add(prompts.get(i), SamplingOptions.sampled(1, completions.get(i), Set.of()));
        }
        int[] drawn = {0};
        Generator.Listener counter = new Generator.Listener() {
            @Override
            public boolean drawn(int sequence, int token, float logprob) {
                drawn[0]++;
                return true;
            }

            @Override
            public void ended(int sequence, Completion completion) {}
        };
        while (!decoding.isIdle()) {
            decoding.step(counter);
        }
        int expected = completions.stream().mapToInt(Integer::intValue).sum();
        if (drawn[0] != expected) {
            throw new IllegalStateException(drawn[0] + " tokens were drawn, not " + expected);
        }
        return (System.nanoTime() - start) / 1e9;
    }
}
