package dev.hone.trainer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hone.checkpoints.Safetensors;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.OnEachDevice;
import dev.hone.trainer.TestDevices;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The models of src/test/python/make_parity_fixtures.py, against what transformers computes with them. */
class ParityTest {

    private static final double TOLERANCE = 1e-4;

    private final List<String> families = List.of(
            "llama",
            "llama3",
            "mistral",
            "qwen2",
            "qwen3",
            "phi3",
            "phi3_long",
            "gemma2",
            "gemma3",
            "olmo2",
            "smollm3");

    @OnEachDevice
    void logitsLossAndGradientsAreThoseOfTransformers(String name) {
        try (Device device = TestDevices.open(name)) {
            for (String family : families) {
                for (boolean recompute : new boolean[] {false, true}) {
                    compare(device, family, recompute);
                }
            }
        }
    }

    private static void compare(Device device, String family, boolean recompute) {
        Path folder = Path.of("src/test/resources/parity", family);
        Safetensors expected = Safetensors.open(folder.resolve("expected.safetensors"));
        Batch batch = Batch.pack(sequences(expected));
        int vocabulary = ModelConfig.read(folder).vocabularySize();
        try (Transformer transformer =
                        Transformer.load(device, folder, new TransformerOptions(batch.size() + 5, recompute, true));
                Arena arena = device.arena(1 << 20)) {
            Tensor logits = arena.allocate(DType.F32, batch.size(), vocabulary);
            transformer.logits(batch, logits);
            float[] got = new float[batch.size() * vocabulary];
            device.read(logits, got);
            assertClose(family + " logits", got, floats(expected, "logits"));

            float[] coefficients = new float[batch.size()];
            Arrays.fill(coefficients, 1f / batch.lossTokens());
            double loss = transformer.forwardBackward(batch, coefficients, 1, new float[batch.size()]);
            assertThat(loss).isCloseTo(floats(expected, "loss")[0], within(TOLERANCE));
            transformer.parameters().namedGradients().forEach((parameter, gradient) -> {
                float[] values = new float[(int) gradient.size()];
                device.read(gradient, values);
                assertClose(family + " grad " + parameter, values, floats(expected, "grad." + parameter));
            });
        }
    }

    @OnEachDevice
    void greedyContinuationsAreThoseOfTransformers(String name) {
        try (Device device = TestDevices.open(name)) {
            for (String family : families) {
                Path folder = Path.of("src/test/resources/parity", family);
                Safetensors expected = Safetensors.open(folder.resolve("expected.safetensors"));
                int[] greedy = ints(expected, "greedy");
                List<TokenizedPair> sequences = sequences(expected);
                int length = greedy.length / sequences.size();
                try (Transformer transformer = Transformer.load(device, folder, TransformerOptions.inference(40))) {
                    for (int s = 0; s < sequences.size(); s++) {
                        TokenizedPair pair = sequences.get(s);
                        int[] prompt = Arrays.copyOf(pair.tokens(), pair.promptLength());
                        assertThat(continued(transformer, prompt, length))
                                .as(family + " " + s)
                                .isEqualTo(Arrays.copyOfRange(greedy, s * length, (s + 1) * length));
                    }
                }
            }
        }
    }

    /** The likeliest tokens after a prompt, one after another over a cache of one block. */
    private static int[] continued(Transformer transformer, int[] prompt, int count) {
        Device device = transformer.device();
        int vocabulary = transformer.config().vocabularySize();
        int[] chosen = new int[count];
        try (KvCache cache = new KvCache(device, transformer.config(), transformer.dtype(), 1, 40);
                Arena arena = device.arena(1 << 20)) {
            int[] next = prompt;
            int done = 0;
            for (int i = 0; i < count; i++) {
                int[] places = new int[next.length];
                for (int p = 0; p < places.length; p++) {
                    places[p] = done + p;
                }
                done += next.length;
                Tensor logits = arena.allocate(DType.F32, 1, vocabulary);
                CachedBatch batch = new CachedBatch(
                        tensor(arena, next),
                        tensor(arena, places),
                        tensor(arena, places),
                        tensor(arena, 0, next.length),
                        tensor(arena, done),
                        tensor(arena, 0).reshape(1, 1));
                transformer.forwardCached(batch, cache, tensor(arena, next.length - 1), logits);
                float[] values = new float[vocabulary];
                device.read(logits, values);
                for (int id = 0; id < vocabulary; id++) {
                    chosen[i] = values[id] > values[chosen[i]] ? id : chosen[i];
                }
                next = new int[] {chosen[i]};
            }
        }
        return chosen;
    }

    private static Tensor tensor(Arena arena, int... values) {
        Tensor tensor = arena.allocate(DType.I32, values.length);
        tensor.device().write(values, tensor);
        return tensor;
    }

    @Test
    void rotaryScalingsAreThoseOfTransformers() {
        Path folder = Path.of("src/test/resources/parity/rope");
        Safetensors expected = Safetensors.open(folder.resolve("rope.safetensors"));
        int[] lengths = ints(expected, "lengths");
        List<String> scalings = List.of(
                "default",
                "linear",
                "dynamic_short",
                "dynamic_long",
                "llama3",
                "yarn",
                "yarn_tuned",
                "longrope_short",
                "longrope_long");
        for (int s = 0; s < lengths.length; s++) {
            RopeConfig rope =
                    ModelConfig.read(folder.resolve(scalings.get(s))).ropes().get(0);
            double[] frequencies = rope.scaling().frequencies(rope.theta(), rope.rotaryDim(), lengths[s]);
            float[] wanted = floats(expected, scalings.get(s));
            assertThat(frequencies).hasSize(wanted.length - 1);
            for (int i = 0; i < frequencies.length; i++) {
                assertThat(frequencies[i])
                        .as(scalings.get(s) + " " + i)
                        .isCloseTo(wanted[i], within(2e-6 * Math.abs(wanted[i])));
            }
            assertThat(rope.scaling().amplitude()).isCloseTo(wanted[frequencies.length], within(1e-6));
        }
    }

    static List<TokenizedPair> sequences(Safetensors expected) {
        int[] tokens = ints(expected, "tokens");
        int[] offsets = ints(expected, "offsets");
        int[] prompts = ints(expected, "prompt_lengths");
        List<TokenizedPair> pairs = new ArrayList<>();
        for (int s = 0; s < prompts.length; s++) {
            pairs.add(new TokenizedPair("s" + s, Arrays.copyOfRange(tokens, offsets[s], offsets[s + 1]), prompts[s]));
        }
        return pairs;
    }

    /** The largest difference, relative to the largest value expected. */
    private static void assertClose(String what, float[] got, float[] expected) {
        assertThat(got).as(what).hasSameSizeAs(expected);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < got.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs((double) got[i] - expected[i]));
        }
        assertThat(difference / largest).as(what).isLessThan(TOLERANCE);
    }

    static float[] floats(Safetensors file, String name) {
        FloatBuffer buffer = file.bytes(name).asFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    static int[] ints(Safetensors file, String name) {
        IntBuffer buffer = file.bytes(name).asIntBuffer();
        int[] values = new int[buffer.remaining()];
        buffer.get(values);
        return values;
    }
}
