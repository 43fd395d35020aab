package dev.hone.perf.generation;

import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import dev.hone.perf.harness.Work;
import dev.hone.perf.models.HoneWeights;
import dev.hone.perf.models.Prompts;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.GeneratorOptions;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Completions as hone's generator makes them. */
final class HoneGeneration implements Work {

    private final Device device;
    private final Transformer model;
    private final Generator generator;
    private final List<Prompt> prompts;
    private final SamplingOptions greedy;

    HoneGeneration(ModelConfig config, Prompts prompts) {
        this.device = Devices.open("cpu");
        this.model =
                Transformer.create(device, config, TransformerOptions.inference(prompts.count() * prompts.length()));
        HoneWeights.draw(model.parameters());
        this.generator =
                new Generator(model, GeneratorOptions.of(prompts.count(), prompts.length() + prompts.completion()));
        this.prompts = IntStream.range(0, prompts.count())
                .mapToObj(i -> new Prompt(prompts.tokens(i), 1, i))
                .toList();
        this.greedy = SamplingOptions.greedy(prompts.completion(), Set.of());
    }

    @Override
    public List<double[]> check() {
        return generate().stream()
                .map(completions -> IntStream.of(completions.get(0).tokens())
                        .asDoubleStream()
                        .toArray())
                .toList();
    }

    @Override
    public void run() {
        generate();
    }

    private List<List<Completion>> generate() {
        return generator.generate(prompts, greedy, (done, of, tokens) -> {});
    }

    @Override
    public void close() {
        generator.close();
        model.close();
        device.close();
    }
}
