package dev.hone.trainer.model;

import static dev.hone.trainer.model.Models.difference;
import static dev.hone.trainer.model.Models.floats;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hone.checkpoints.Safetensors;
import dev.hone.checkpoints.SafetensorsWriter;
import dev.hone.datasets.UserError;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.OnEachDevice;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The adapters of src/test/python/make_adapter_fixtures.py, against what PEFT computes with them. */
class AdapterTest {

    private static final Path ADAPTERS = Path.of("src/test/resources/adapters");
    private static final Path QWEN2 = Path.of("src/test/resources/parity/qwen2");
    private static final LoraConfig LORA =
            new LoraConfig(3, 6, false, false, List.of("q_proj", "up_proj", "o_proj"), 5);
    private static final LoraConfig DORA = new LoraConfig(3, 6, false, true, List.of("q_proj", "up_proj", "o_proj"), 5);
    private static final Path WIDE = ADAPTERS.resolve("four_bit/base");
    private static final List<String> FIXTURES = List.of(
            "qwen2", "phi3", "gemma3", "dora/qwen2", "dora/phi3", "dora/olmo2", "four_bit/lora", "four_bit/dora");
    private static final double TOLERANCE = 1e-4;

    @TempDir
    Path folder;

    @OnEachDevice
    void logitsLossAndGradientsAreThoseOfPeft(String name) {
        try (Device device = TestDevices.open(name)) {
            for (String family : FIXTURES) {
                Path adapter = ADAPTERS.resolve(family);
                Safetensors expected = Safetensors.open(adapter.resolve("expected.safetensors"));
                Batch batch = Batch.pack(ParityTest.sequences(expected));
                TransformerOptions options = new TransformerOptions(batch.size(), family.endsWith("phi3"), true);
                LoraConfig lora = AdapterFolder.read(adapter).lora();
                boolean fourBit = family.startsWith("four_bit");
                try (Transformer transformer = Transformer.load(
                        device, adapter, fourBit ? options.withFourBit(lora) : options.withLora(lora))) {
                    assertThat(difference(logits(transformer, batch), ParityTest.floats(expected, "logits")))
                            .as(family)
                            .isLessThan(TOLERANCE);
                    float[] coefficients = new float[batch.size()];
                    Arrays.fill(coefficients, 1f / batch.lossTokens());
                    double loss = transformer.forwardBackward(batch, coefficients, 1, new float[batch.size()]);
                    assertThat(loss).isCloseTo(ParityTest.floats(expected, "loss")[0], within(TOLERANCE));
                    Map<String, Tensor> gradients = transformer.parameters().namedGradients();
                    assertThat(gradients).isNotEmpty();
                    gradients.forEach((weight, gradient) -> assertThat(
                                    difference(floats(gradient), ParityTest.floats(expected, "grad." + weight)))
                            .as(family + " " + weight)
                            .isLessThan(TOLERANCE));
                }
                if (fourBit) {
                    continue; // what the adapters are then added to is not what they were trained over
                }
                // Without adapters of its own a transformer takes them into its weights.
                try (Transformer merged =
                        Transformer.load(device, adapter, TransformerOptions.inference(batch.size()))) {
                    assertThat(difference(logits(merged, batch), ParityTest.floats(expected, "logits")))
                            .as(family + " merged")
                            .isLessThan(TOLERANCE);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void trainsTheAdaptersAlone(boolean dora) {
        try (Device device = TestDevices.open("cpu");
                Transformer base = Transformer.load(device, QWEN2, TransformerOptions.inference(40));
                Transformer transformer = Transformer.load(
                        device, QWEN2, TransformerOptions.training(40).withLora(dora ? DORA : LORA));
                Optimizer optimizer = new Optimizer(
                        device, transformer.parameters(), new OptimizerOptions(0.9, 0.99, 1e-8, 0.01, 1))) {
            Batch batch = Batch.pack(Models.pairs(7, 9, 14, 5));
            assertThat(difference(logits(transformer, batch), logits(base, batch)))
                    .isLessThanOrEqualTo(dora ? 1e-6 : 0);
            double first = step(transformer, optimizer, batch);
            double last = first;
            for (int i = 0; i < 30; i++) {
                last = step(transformer, optimizer, batch);
            }

            assertThat(last).isLessThan(0.8 * first);
            assertThat(transformer.parameters().weights().floats())
                    .isEqualTo(base.parameters().weights().floats());
            assertThat(requireNonNull(optimizer.state().get("exp_avg")).size())
                    .isEqualTo(transformer.parameters().trained().size())
                    .isLessThan(base.parameters().count());
            decodeGivesTheBitsOfTraining(transformer);
        }
    }

    private static double step(Transformer transformer, Optimizer optimizer, Batch batch) {
        float[] coefficients = new float[batch.size()];
        Arrays.fill(coefficients, 1f / batch.lossTokens());
        double loss = transformer.forwardBackward(batch, coefficients, 1, new float[batch.size()]);
        optimizer.gradientNorm();
        optimizer.step(3e-2);
        return loss;
    }

    private static void decodeGivesTheBitsOfTraining(Transformer transformer) {
        Batch batch = Batch.pack(Models.pairs(3, 12));
        float[] expected = logits(transformer, batch);
        int vocabulary = transformer.config().vocabularySize();
        Device device = transformer.device();
        try (KvCache cache = new KvCache(device, transformer.config(), transformer.dtype(), 1, 16);
                Arena arena = device.arena(1 << 20)) {
            for (int t = 0; t < batch.size(); t++) {
                Tensor at = ints(arena, t);
                Tensor logits = arena.allocate(DType.F32, 1, vocabulary);
                CachedBatch one = new CachedBatch(
                        ints(arena, batch.tokens()[t]),
                        at,
                        at,
                        ints(arena, 0, 1),
                        ints(arena, t + 1),
                        ints(arena, 0).reshape(1, 1));
                transformer.forwardCached(one, cache, ints(arena, 0), logits);
                assertThat(floats(logits))
                        .isEqualTo(Arrays.copyOfRange(expected, t * vocabulary, (t + 1) * vocabulary));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReferenceHasTheBitsOfACopyWithoutOne(boolean dora) throws IOException {
        Path before = folder.resolve("before");
        Path later = folder.resolve("later");
        try (Device device = TestDevices.open("cpu");
                Transformer policy = Transformer.load(
                        device, QWEN2, TransformerOptions.training(40).withLora(dora ? DORA : LORA));
                Optimizer optimizer =
                        new Optimizer(device, policy.parameters(), new OptimizerOptions(0.9, 0.99, 1e-8, 0.01, 1))) {
            Batch batch = Batch.pack(Models.pairs(7, 9, 14, 5));
            policy.save(before);
            for (int i = 0; i < 3; i++) {
                step(policy, optimizer, batch);
            }
            policy.save(later);
            float[] atLater = logprobs(policy, batch);
            step(policy, optimizer, batch);
            float[] now = logprobs(policy, batch);
            try (Transformer copy = Transformer.load(device, before, TransformerOptions.inference(40));
                    ReferencePolicy switchedOff = policy.withAdapters(before);
                    ReferencePolicy others = policy.withAdapters(later)) {
                assertThat(difference(logprobs(switchedOff, batch), logprobs(copy, batch)))
                        .isLessThanOrEqualTo(dora ? 1e-6 : 0);
                assertThat(logprobs(others, batch)).isEqualTo(atLater);
                assertThat(logprobs(policy, batch)).isEqualTo(now).isNotEqualTo(atLater);
            }
        }
    }

    private static float[] logprobs(ReferencePolicy policy, Batch batch) {
        float[] logprobs = new float[batch.size()];
        policy.logprobs(batch, 1.3f, logprobs, null);
        return logprobs;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsSavedComesBackAndGoesToPeft(boolean dora) throws IOException {
        LoraConfig lora = dora ? DORA : LORA;
        // For `make_adapter_fixtures.py check`, which looks at it with PEFT.
        Path out = Path.of("target/adapter-out", dora ? "dora" : "lora");
        try (Device device = TestDevices.open("cpu");
                Transformer trained = Transformer.load(
                        device, QWEN2, TransformerOptions.training(40).withLora(lora));
                Optimizer optimizer =
                        new Optimizer(device, trained.parameters(), new OptimizerOptions(0.9, 0.99, 1e-8, 0.01, 1));
                Arena arena = device.arena(1 << 20)) {
            List<TokenizedPair> pairs = Models.pairs(7, 17);
            Batch batch = Batch.pack(pairs);
            for (int i = 0; i < 5; i++) {
                step(trained, optimizer, batch);
            }
            float[] expected = logits(trained, batch);
            Files.createDirectories(out);
            trained.save(out);
            Tensor logits =
                    arena.allocate(DType.F32, batch.size(), trained.config().vocabularySize());
            device.write(expected, logits);
            Map<String, Tensor> seen = new LinkedHashMap<>();
            seen.put("tokens", ints(arena, batch.tokens()));
            seen.put("logits", logits);
            SafetensorsWriter.write(out.resolve("hone.safetensors"), seen, Map.of());

            try (Transformer again = Transformer.load(
                    device, out, TransformerOptions.training(40).withLora(lora))) {
                assertThat(logits(again, batch)).isEqualTo(expected);
            }
            trained.saveModel(folder);
            try (Transformer merged = Transformer.load(device, folder, TransformerOptions.inference(40))) {
                assertThat(difference(logits(merged, batch), expected)).isLessThan(1e-5);
            }
            assertThat(difference(logits(trained, batch), expected)).isLessThan(1e-5);
        }
    }

    /** To the last bits: a fused matrix sums its modules' gradients in one chain, modules by themselves one after another. */
    @OnEachDevice
    void overFourBitsComputesAsOverTheWeightsTheyStandFor(String name) {
        try (Device device = TestDevices.open(name)) {
            for (LoraConfig lora : List.of(LORA, DORA)) {
                TransformerOptions options = TransformerOptions.training(30);
                try (Transformer fourBit = Transformer.load(device, WIDE, options.withFourBit(lora));
                        Transformer exact = Transformer.load(device, WIDE, options.withLora(lora))) {
                    dequantize(fourBit, exact);
                    exact.parameters().trained().copy(fourBit.parameters().trained());
                    exact.parameters().changed();
                    Batch batch = Batch.pack(Models.pairs(3, 9, 12));
                    assertThat(difference(logits(fourBit, batch), logits(exact, batch)))
                            .isLessThan(1e-5);
                    float[] coefficients = new float[batch.size()];
                    Arrays.fill(coefficients, 1f / batch.lossTokens());
                    fourBit.forwardBackward(batch, coefficients, 1, new float[batch.size()]);
                    exact.forwardBackward(batch, coefficients, 1, new float[batch.size()]);
                    Map<String, Tensor> expected = exact.parameters().namedGradients();
                    fourBit.parameters()
                            .namedGradients()
                            .forEach((weight, gradient) -> assertThat(
                                            difference(floats(gradient), floats(requireNonNull(expected.get(weight)))))
                                    .as(weight)
                                    .isLessThan(1e-5));
                    assertThat(fourBit.parameters().count())
                            .isEqualTo(exact.parameters().count());
                }
            }
        }
    }

    /** Gives {@code exact} the weights that those of {@code fourBit} stand for. */
    private static void dequantize(Transformer fourBit, Transformer exact) {
        FourBitWeights weights = requireNonNull(fourBit.parameters().fourBit());
        for (LinearModule module : LinearModule.of(exact.config())) {
            Weight to = requireNonNull(exact.parameters().named().get(module.name() + ".weight"));
            exact.device().nf4Dequantize(weights.of(module), 0, to.computed());
        }
    }

    @Test
    void fourBitsAreNeitherWrittenNorMergedNorDrawn() {
        try (Device device = TestDevices.open("cpu");
                Transformer transformer = Transformer.load(
                        device, WIDE, TransformerOptions.training(4).withFourBit(LORA))) {
            for (ThrowingCallable refused : List.<ThrowingCallable>of(
                    transformer::mergeAdapters,
                    () -> transformer.saveModel(folder),
                    () -> transformer.export(folder, null),
                    () -> transformer.initialize(1))) {
                assertThatThrownBy(refused).isInstanceOf(UserError.class).hasMessageContaining("Weights of 4 bits");
            }
            assertThat(folder).isEmptyDirectory();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"bias\": \"all\" | bias",
                "\"peft_type\": \"IA3\" | peft_type",
                "\"modules_to_save\": [\"lm_head\"] | modules_to_save",
                "\"alpha_pattern\": {\"q_proj\": 3} | alpha_pattern",
                "\"base_model_name_or_path\": \"nowhere\" | base_model_name_or_path",
            })
    void refusesByNameWhatAdaptersDoNot(String key, String named) throws IOException {
        Files.writeString(
                folder.resolve("adapter_config.json"),
                "{" + (key.contains("peft_type") ? "" : "\"peft_type\": \"LORA\", ") + "\"r\": 2, \"target_modules\":"
                        + " [\"q_proj\"], " + key + "}");
        assertThatThrownBy(() -> AdapterFolder.read(folder))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("adapter_config.json")
                .hasMessageContaining(named);
    }

    @Test
    void namesAModuleThatIsNotThere() {
        LoraConfig lora = new LoraConfig(2, 2, false, false, List.of("q_prj"), 0);
        try (Device device = TestDevices.open("cpu")) {
            assertThatThrownBy(() -> Transformer.load(
                            device, QWEN2, TransformerOptions.training(4).withLora(lora)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("'q_prj'")
                    .hasMessageContaining("did you mean \"q_proj\"?");
        }
    }

    private static float[] logits(Transformer transformer, Batch batch) {
        try (Arena arena = transformer.device().arena(1 << 20)) {
            Tensor logits =
                    arena.allocate(DType.F32, batch.size(), transformer.config().vocabularySize());
            transformer.logits(batch, logits);
            return floats(logits);
        }
    }

    private static Tensor ints(Arena arena, int... values) {
        Tensor tensor = arena.allocate(DType.I32, values.length);
        tensor.device().write(values, tensor);
        return tensor;
    }
}
