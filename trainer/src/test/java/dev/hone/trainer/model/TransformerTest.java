package dev.hone.trainer.model;

import static dev.hone.trainer.model.Models.difference;
import static dev.hone.trainer.model.Models.floats;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hone.datasets.UserError;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.OnEachDevice;
import dev.hone.trainer.TestDevices;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * What the model owes to its own arithmetic is tried on {@code cpu}, the device whose bits promise something; that
 * devices agree is for ParityTest and the tests of the kernels.
 */
class TransformerTest {

    private static final List<ModelConfig> CONFIGS = Models.ALL;
    private static final List<TokenizedPair> PAIRS = Models.pairs(7, 9, 2, 17, 5);

    @Test
    void gradientsAreDifferencesOfTheLoss() {
        try (Device device = TestDevices.open("cpu")) {
            for (ModelConfig config : CONFIGS) {
                try (Transformer transformer = Models.random(device, config, TransformerOptions.training(40))) {
                    compareWithDifferences(transformer);
                }
            }
        }
    }

    /** Moves each parameter along a random direction and back: (L(w + d) - L(w - d)) / 2 is the gradient times d. */
    private static void compareWithDifferences(Transformer transformer) {
        Device device = transformer.device();
        Batch batch = Batch.pack(PAIRS);
        float[] coefficients = coefficients(batch);
        transformer.forwardBackward(batch, coefficients, 1.5f, new float[batch.size()]);
        SplittableRandom random = new SplittableRandom(3);
        transformer.parameters().named().forEach((parameter, weight) -> {
            float[] gradient = floats(
                    requireNonNull(transformer.parameters().namedGradients().get(parameter)));
            float[] weights = weight.floats();
            float[] direction = new float[weights.length];
            double expected = 0;
            double length = 0;
            // Half of the way along the gradient, so that what is compared is not mostly rounding.
            double scale = 0.5 / Math.sqrt(norm(gradient));
            for (int i = 0; i < direction.length; i++) {
                double towards = scale * gradient[i] * Math.sqrt(weights.length) / Math.sqrt(norm(gradient));
                direction[i] = (float) (towards + random.nextGaussian());
                length += direction[i] * direction[i];
            }
            double step = 4e-3 / Math.sqrt(length);
            for (int i = 0; i < direction.length; i++) {
                direction[i] *= (float) step;
                expected += (double) gradient[i] * direction[i];
            }
            double up = loss(transformer, batch, coefficients, weight, weights, direction, 1);
            double down = loss(transformer, batch, coefficients, weight, weights, direction, -1);
            weight.write(weights);
            assertThat((up - down) / 2).as(parameter).isCloseTo(expected, within(0.02 * Math.abs(expected) + 2e-6));
        });
    }

    private static double norm(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum);
    }

    private static double loss(
            Transformer transformer,
            Batch batch,
            float[] coefficients,
            Weight weight,
            float[] weights,
            float[] direction,
            int sign) {
        float[] moved = new float[weights.length];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = weights[i] + sign * direction[i];
        }
        weight.write(moved);
        float[] logprobs = new float[batch.size()];
        transformer.logprobs(batch, 1.5f, logprobs, null);
        double loss = 0;
        for (int t = 0; t < logprobs.length; t++) {
            loss -= (double) coefficients[t] * logprobs[t];
        }
        return loss;
    }

    @Test
    void recomputingActivationsChangesNoBit() {
        try (Device device = TestDevices.open("cpu")) {
            for (ModelConfig config : CONFIGS) {
                for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
                    TransformerOptions options = new TransformerOptions(40, false, true).withDtype(dtype);
                    float[] kept = gradients(device, config, options, PAIRS);
                    float[] recomputed =
                            gradients(device, config, new TransformerOptions(40, true, true).withDtype(dtype), PAIRS);
                    assertThat(recomputed).isEqualTo(kept);
                }
            }
        }
    }

    @Test
    void aPassOverLessThanTheBuffersHoldChangesNoBit() {
        try (Device device = TestDevices.open("cpu")) {
            float[] filled = gradients(device, Models.TIED, TransformerOptions.training(33), PAIRS);
            float[] partly = gradients(device, Models.TIED, TransformerOptions.training(50), PAIRS);
            assertThat(partly).isEqualTo(filled);
        }
    }

    @Test
    void packedSequencesAreComputedAsIfAlone() {
        try (Device device = TestDevices.open("cpu");
                Transformer transformer = Models.random(device, Models.UNTIED, TransformerOptions.training(40))) {
            Batch packed = Batch.pack(PAIRS);
            float[] together = new float[packed.size()];
            transformer.logprobs(packed, 1, together, null);
            transformer.forwardBackward(packed, coefficients(packed), 1, new float[packed.size()]);
            float[] gradientTogether = floats(transformer.parameters().gradients());
            device.zero(transformer.parameters().gradients());
            float[] all = coefficients(packed);
            for (int s = 0; s < PAIRS.size(); s++) {
                int from = packed.offsets()[s];
                int to = packed.offsets()[s + 1];
                Batch one = Batch.pack(List.of(PAIRS.get(s)));
                float[] alone = new float[one.size()];
                transformer.forwardBackward(one, Arrays.copyOfRange(all, from, to), 1, alone);
                float[] expected = Arrays.copyOfRange(together, from, to);
                assertThat(alone).isEqualTo(expected);
            }
            assertThat(difference(floats(transformer.parameters().gradients()), gradientTogether))
                    .isLessThan(1e-5);
        }
    }

    @OnEachDevice
    void logprobsAndEntropiesAreThoseOfTheLogits(String name) {
        try (Device device = TestDevices.open(name);
                Transformer transformer = Models.random(device, Models.TIED, TransformerOptions.inference(40));
                Arena arena = device.arena(1 << 20)) {
            Batch batch = Batch.pack(PAIRS);
            Tensor logits = arena.allocate(DType.F32, batch.size(), Models.VOCABULARY);
            transformer.logits(batch, logits);
            float[] z = floats(logits);
            float[] logprobs = new float[batch.size()];
            float[] entropies = new float[batch.size()];
            transformer.logprobs(batch, 0.7f, logprobs, entropies);
            for (int t = 0; t < batch.size(); t++) {
                double[] log = logSoftmax(z, t, 0.7);
                int target = batch.targets()[t];
                double entropy = 0;
                for (double l : log) {
                    entropy -= Math.exp(l) * l;
                }
                assertThat((double) logprobs[t]).isCloseTo(target < 0 ? 0 : log[target], within(1e-4));
                assertThat((double) entropies[t]).isCloseTo(target < 0 ? 0 : entropy, within(1e-4));
            }
        }
    }

    private static double[] logSoftmax(float[] logits, int row, double temperature) {
        double[] log = new double[Models.VOCABULARY];
        double sum = 0;
        for (int i = 0; i < log.length; i++) {
            log[i] = logits[row * log.length + i] / temperature;
            sum += Math.exp(log[i]);
        }
        for (int i = 0; i < log.length; i++) {
            log[i] -= Math.log(sum);
        }
        return log;
    }

    @OnEachDevice
    void refusesWhatDoesNotFit(String name) {
        try (Device device = TestDevices.open(name);
                Transformer transformer = Models.random(device, Models.TIED, TransformerOptions.inference(80))) {
            float[] logprobs = new float[80];
            Batch unknown = Batch.pack(List.of(new TokenizedPair("odd", new int[] {1, 2, Models.VOCABULARY}, 1)));
            assertThatThrownBy(() -> transformer.logprobs(unknown, 1, logprobs, null))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("odd")
                    .hasMessageContaining("61");
            Batch tooFar = Batch.pack(List.of(new TokenizedPair("far", new int[65], 1)));
            assertThatThrownBy(() -> transformer.logprobs(tooFar, 1, logprobs, null))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("far")
                    .hasMessageContaining("64");
            Batch tooMany = Batch.pack(Models.pairs(1, 50, 50));
            assertThatThrownBy(() -> transformer.logprobs(tooMany, 1, logprobs, null))
                    .hasMessageContaining("100")
                    .hasMessageContaining("80");
        }
    }

    /** One of its own for every token with a target. */
    private static float[] coefficients(Batch batch) {
        float[] coefficients = new float[batch.size()];
        for (int t = 0; t < coefficients.length; t++) {
            coefficients[t] = batch.targets()[t] < 0 ? 0 : (t % 5 - 1.5f) / 10;
        }
        return coefficients;
    }

    private static float[] gradients(
            Device device, ModelConfig config, TransformerOptions options, List<TokenizedPair> pairs) {
        try (Transformer transformer = Models.random(device, config, options)) {
            Batch batch = Batch.pack(pairs);
            transformer.forwardBackward(batch, coefficients(batch), 1, new float[batch.size()]);
            return floats(transformer.parameters().gradients());
        }
    }
}
