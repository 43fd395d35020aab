package dev.hone.trainer.optim;

import static dev.hone.trainer.model.Models.floats;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hone.kernels.Device;
import dev.hone.trainer.OnEachDevice;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.model.Models;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.model.Weight;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

class OptimizerTest {

    private static final double RATE = 0.01;
    private static final OptimizerOptions OPTIONS = new OptimizerOptions(0.9, 0.95, 1e-8, 0.1, 1);

    @OnEachDevice
    void stepsAreThoseOfTheFormulaInDoubles(String name) {
        try (Device device = TestDevices.open(name);
                Transformer transformer = Models.random(device, Models.UNTIED, TransformerOptions.training(8));
                Optimizer optimizer = new Optimizer(device, transformer.parameters(), OPTIONS)) {
            Map<String, double[]> weights = doubles(transformer.parameters().named(), Weight::floats);
            Map<String, double[]> m = new LinkedHashMap<>();
            Map<String, double[]> v = new LinkedHashMap<>();
            weights.forEach((key, value) -> {
                m.put(key, new double[value.length]);
                v.put(key, new double[value.length]);
            });
            // The first step's gradient is clipped, the second's is not.
            double[] deviations = {1, 1e-3};
            for (int step = 1; step <= deviations.length; step++) {
                Map<String, double[]> gradients = randomGradients(transformer, step, deviations[step - 1]);
                double norm = norm(gradients);
                assertThat(optimizer.gradientNorm()).isCloseTo(norm, within(1e-5 * norm));
                optimizer.step(RATE);
                for (String key : weights.keySet()) {
                    double clip = norm > 1 ? 1 / (norm + 1e-6) : 1;
                    double decay = key.endsWith("norm.weight") || key.endsWith("bias") ? 0 : 0.1;
                    adamw(at(weights, key), at(m, key), at(v, key), at(gradients, key), clip, decay, step);
                }
                assertThat(floats(transformer.parameters().gradients())).containsOnly(0f);
            }
            transformer.parameters().named().forEach((key, weight) -> {
                float[] got = weight.floats();
                for (int i = 0; i < got.length; i++) {
                    assertThat((double) got[i]).as(key).isCloseTo(at(weights, key)[i], within(2e-6));
                }
            });
            assertThat(optimizer.steps()).isEqualTo(2);
        }
    }

    private static void adamw(double[] w, double[] m, double[] v, double[] g, double clip, double decay, int step) {
        for (int i = 0; i < w.length; i++) {
            double gradient = clip * g[i];
            m[i] = 0.9 * m[i] + 0.1 * gradient;
            v[i] = 0.95 * v[i] + 0.05 * gradient * gradient;
            double mean = m[i] / (1 - Math.pow(0.9, step));
            double square = v[i] / (1 - Math.pow(0.95, step));
            w[i] -= RATE * (mean / (Math.sqrt(square) + 1e-8) + decay * w[i]);
        }
    }

    private static Map<String, double[]> randomGradients(Transformer transformer, long seed, double deviation) {
        SplittableRandom random = new SplittableRandom(seed);
        transformer.parameters().namedGradients().forEach((key, tensor) -> {
            float[] values = new float[(int) tensor.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
            }
            transformer.device().write(values, tensor);
        });
        return doubles(transformer.parameters().namedGradients(), Models::floats);
    }

    private static <T> Map<String, double[]> doubles(Map<String, T> all, Function<T, float[]> floats) {
        Map<String, double[]> doubles = new LinkedHashMap<>();
        all.forEach((key, each) -> {
            float[] values = floats.apply(each);
            double[] copy = new double[values.length];
            for (int i = 0; i < copy.length; i++) {
                copy[i] = values[i];
            }
            doubles.put(key, copy);
        });
        return doubles;
    }

    private static double[] at(Map<String, double[]> values, String key) {
        return requireNonNull(values.get(key));
    }

    private static double norm(Map<String, double[]> values) {
        double sum = 0;
        for (double[] array : values.values()) {
            for (double value : array) {
                sum += value * value;
            }
        }
        return Math.sqrt(sum);
    }
}
