package dev.hone.trainer.distributed;

import static dev.hone.trainer.model.Models.difference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.generate.Completer;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.GeneratorOptions;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.model.LoraConfig;
import dev.hone.trainer.model.Models;
import dev.hone.trainer.model.ReferencePolicy;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.optim.LocalEngine;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Schedules;
import dev.hone.trainer.optim.TrainingEngine;
import dev.hone.trainer.sft.SftOptions;
import dev.hone.trainer.sft.SftTrainer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class DistributedEngineTest {

    private static final List<TokenizedPair> PAIRS = Models.pairs(11, 9, 14, 3, 17, 6, 11, 8, 5, 12, 4, 7, 15);
    private static final OptimizerOptions ADAMW = new OptimizerOptions(0.9, 0.95, 1e-8, 0.01, 1);
    private static final int STEPS = 6;

    /** @param weights of every process at the end */
    private record Trained(List<float[]> weights, List<Double> losses) {}

    private static TransformerOptions options(boolean lora, DType dtype) {
        TransformerOptions options = TransformerOptions.training(40).withDtype(dtype);
        return lora ? options.withLora(new LoraConfig(2, 4, false, false, List.of("all-linear"), 1)) : options;
    }

    /** A process's model and optimizer. */
    private record Own(Transformer transformer, Optimizer optimizer, Generator generator) implements Replica {

        static Own of(Device device, TransformerOptions options) {
            Transformer transformer = Models.random(device, Models.TIED, options);
            return new Own(
                    transformer,
                    new Optimizer(device, transformer.parameters(), ADAMW),
                    new Generator(transformer, GeneratorOptions.of(4, 40)));
        }

        @Override
        public Optimizer newOptimizer(OptimizerOptions asked) {
            assertThat(asked).isEqualTo(ADAMW);
            optimizer.reset();
            return optimizer;
        }

        @Override
        public ReferencePolicy reference(Path folder) {
            throw new UnsupportedOperationException();
        }
    }

    private static List<Double> train(Transformer transformer, TrainingEngine engine) {
        SftTrainer trainer = new SftTrainer(
                transformer, engine, PAIRS, new SftOptions(1, 55, 32, Schedules.named("constant", 0.01, 100, 0, 0)));
        List<Double> losses = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            losses.add(trainer.step(step).loss());
        }
        return losses;
    }

    private static Trained alone(TransformerOptions options) {
        try (Device device = TestDevices.open("cpu")) {
            Own own = Own.of(device, options);
            own.optimizer().clearGradients();
            List<Double> losses = train(own.transformer(), new LocalEngine(own.transformer(), own.optimizer()));
            return new Trained(List.of(own.transformer().parameters().trained().floats()), losses);
        }
    }

    private static Trained together(int processes, TransformerOptions options) throws Exception {
        return together(processes, "cpu", (collective, device) -> {}, options);
    }

    /** @param before what each process does before it trains */
    private static Trained together(
            int processes, String name, BiConsumer<Collective, Device> before, TransformerOptions options)
            throws Exception {
        List<Double> losses = new ArrayList<>();
        List<float[]> weights = Ranks.together(processes, (rank, collective) -> {
            try (Device device = TestDevices.open(name)) {
                before.accept(collective, device);
                Own own = Own.of(device, options);
                if (rank == 0) {
                    own.optimizer().clearGradients();
                    losses.addAll(train(
                            own.transformer(),
                            new DistributedEngine(new Workers(collective), own.transformer(), own.optimizer(), ADAMW)));
                    collective.end();
                    collective.closeExchange();
                } else {
                    // Whatever a worker has, rank 0's counts.
                    own.transformer().parameters().trained().parts().forEach(device::zero);
                    own.transformer().parameters().changed();
                    follow(collective, own);
                }
                return own.transformer().parameters().trained().floats();
            }
        });
        return new Trained(weights, losses);
    }

    private static void follow(Collective collective, Own own) {
        try (Follower follower = new Follower(collective, own)) {
            follower.follow();
        } catch (TrainingEnded e) {
            return;
        }
    }

    @ParameterizedTest
    @CsvSource({"2, false, F32, 1e-5", "3, false, F32, 1e-5", "3, true, F32, 1e-4", "2, false, BF16, 2e-2"})
    void learnsAsOneProcessDoes(int processes, boolean lora, DType dtype, double tolerance) throws Exception {
        TransformerOptions options = options(lora, dtype);

        Trained expected = alone(options);
        Trained got = together(processes, options);

        for (int step = 0; step < STEPS; step++) {
            assertThat(got.losses().get(step)).isCloseTo(expected.losses().get(step), within(tolerance));
        }
        float[] leader = got.weights().get(0);
        assertThat(difference(leader, expected.weights().get(0))).isLessThan(tolerance);
        // Every process makes the same update.
        assertThat(got.weights()).allSatisfy(weights -> assertThat(weights).containsExactly(leader));
    }

    /** Emulated GPUs, by an emulated NCCL. */
    @ParameterizedTest
    @CsvSource({"2, false, F32", "3, true, BF16"})
    @EnabledIfSystemProperty(named = "hone.cuda.library", matches = ".+")
    void learnsTheSameBitsWhicheverWayTensorsGo(int processes, boolean lora, DType dtype) throws Exception {
        TransformerOptions options = options(lora, dtype);
        Set<String> ways = ConcurrentHashMap.newKeySet();

        Trained byHost = together(processes, "cuda", (collective, device) -> {}, options);
        Trained byGpus =
                together(processes, "cuda", (collective, device) -> ways.add(collective.exchangeBy(device)), options);

        assertThat(ways).containsExactly("gradients and weights go from GPU to GPU by NCCL");
        assertThat(byGpus.losses()).isEqualTo(byHost.losses());
        assertThat(byGpus.weights())
                .allSatisfy(weights ->
                        assertThat(weights).containsExactly(byHost.weights().get(0)));
    }

    @Test
    void completesWithTheBitsOfOneProcess() throws Exception {
        TransformerOptions options = options(false, DType.F32);
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            prompts.add(new Prompt(new int[] {i + 1, 2 * i + 1}, 1 + i % 3, i));
        }
        SamplingOptions sampling = SamplingOptions.sampled(1, 12, Set.of(5, 9));
        List<List<Completion>> expected;
        try (Device device = TestDevices.open("cpu")) {
            expected = Own.of(device, options).generator().generate(prompts, sampling, GenerationProgress.NONE);
        }
        Map<Integer, Completion> heard = new ConcurrentHashMap<>();
        List<String> progress = new ArrayList<>();

        List<List<List<Completion>>> got = Ranks.together(3, (rank, collective) -> {
            try (Device device = TestDevices.open("cpu")) {
                Own own = Own.of(device, options);
                if (rank > 0) {
                    own.transformer().parameters().trained().parts().forEach(device::zero);
                    follow(collective, own);
                    return List.of();
                }
                Completer completer =
                        new DistributedCompleter(new Workers(collective), own.transformer(), own.generator());
                List<List<Completion>> all = completer.generate(
                        prompts, sampling, (done, total, tokens) -> progress.add(done + "/" + total), heard::put);
                collective.end();
                return all;
            }
        });

        assertThat(got.get(0)).usingRecursiveComparison().isEqualTo(expected);
        List<Completion> row = expected.stream().flatMap(List::stream).toList();
        assertThat(heard).hasSize(row.size());
        assertThat(heard)
                .allSatisfy((place, completion) ->
                        assertThat(completion).usingRecursiveComparison().isEqualTo(row.get(place)));
        assertThat(progress).endsWith("13/13");
    }

    @Test
    void repeatsBitForBit() throws Exception {
        Trained first = together(3, options(false, DType.F32));
        Trained second = together(3, options(false, DType.F32));

        assertThat(second.losses()).isEqualTo(first.losses());
        assertThat(second.weights().get(0)).containsExactly(first.weights().get(0));
    }
}
