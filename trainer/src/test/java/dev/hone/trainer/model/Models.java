package dev.hone.trainer.model;

import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Tiny models with random weights, and sequences for them. */
public final class Models {

    public static final int VOCABULARY = 61;

    /** Tied, as Llama. */
    public static final ModelConfig TIED =
            new ModelConfig(VOCABULARY, 24, 40, 2, 4, 2, 6, 64, 10000, 1e-5, false, true);

    /** Untied with biases, as Qwen2; heads wider than hidden / heads. */
    public static final ModelConfig UNTIED =
            new ModelConfig(VOCABULARY, 20, 28, 3, 3, 1, 10, 64, 1e6, 1e-6, true, false);

    /** Those above, and one of each family that the parity fixtures have. */
    public static final List<ModelConfig> ALL = Stream.concat(
                    Stream.of(TIED, UNTIED),
                    Stream.of("mistral", "qwen3", "phi3", "gemma2", "gemma3", "olmo2", "smollm3")
                            .map(name -> ModelConfig.read(Path.of("src/test/resources/parity", name))))
            .toList();

    private Models() {}

    /** With weights large enough for every part to matter, norms and biases too. */
    public static Transformer random(Device device, ModelConfig config, TransformerOptions options) {
        Transformer transformer = Transformer.create(device, config, options);
        SplittableRandom random = new SplittableRandom(config.layers());
        transformer.parameters().named().forEach((name, weight) -> {
            float[] values = new float[(int) weight.size()];
            double mean = name.endsWith("norm.weight") ? 1 - config.family().normOffset() : 0;
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (mean + 0.25 * random.nextGaussian());
            }
            weight.write(values);
        });
        transformer.parameters().changed();
        return transformer;
    }

    /** Pairs of the given lengths with random tokens; a third of each is prompt. */
    public static List<TokenizedPair> pairs(long seed, int... lengths) {
        SplittableRandom random = new SplittableRandom(seed);
        List<TokenizedPair> pairs = new ArrayList<>();
        for (int length : lengths) {
            int[] tokens = random.ints(length, 0, VOCABULARY).toArray();
            pairs.add(new TokenizedPair("pair-" + pairs.size(), tokens, Math.max(1, length / 3)));
        }
        return pairs;
    }

    public static float[] floats(Tensor tensor) {
        float[] values = new float[(int) tensor.size()];
        tensor.device().read(tensor.reshape(tensor.size()), values);
        return values;
    }

    /** The largest difference, as a share of the largest value expected. */
    public static double difference(float[] got, float[] expected) {
        double largest = 1e-30;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs((double) got[i] - expected[i]));
        }
        return difference / largest;
    }
}
