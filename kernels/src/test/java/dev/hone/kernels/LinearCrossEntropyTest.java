package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertGradient;
import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LinearCrossEntropyTest {

    /** {@code {tokens, width, vocabulary, chunk}}. */
    private static final int[][] SHAPES = {
        {1, 1, 2, 1}, {1, 7, 5, 4}, {9, 16, 33, 4}, {20, 33, 123, 20}, {70, 64, 300, 32}
    };

    private record Result(float[] logprobs, float[] entropies, float[] dX, float[] dWeight) {}

    private static Result run(
            Fixture on, DType dtype, int[] shape, float scale, float[] x, float[] weight, int[] targets, float[] c) {
        return run(on, dtype, shape, scale, 0, x, weight, targets, c, null);
    }

    private static Result run(
            Fixture on,
            DType dtype,
            int[] shape,
            float scale,
            float softcap,
            float[] x,
            float[] weight,
            int[] targets,
            float[] c,
            float @Nullable [] bonuses) {
        int tokens = shape[0];
        int width = shape[1];
        int vocabulary = shape[2];
        Tensor logprobs = on.zeros(DType.F32, tokens);
        Tensor entropies = on.zeros(DType.F32, tokens);
        Tensor dX = on.zeros(dtype, tokens, width);
        Tensor dWeight = on.zeros(DType.F32, vocabulary, width);
        on.device.linearCrossEntropy(
                on.tensor(dtype, x, tokens, width),
                on.tensor(dtype, weight, vocabulary, width),
                targets,
                on.floats(c, tokens),
                bonuses == null ? null : on.floats(bonuses, tokens),
                scale,
                softcap,
                on.zeros(DType.F32, shape[3], vocabulary),
                logprobs,
                entropies,
                dX,
                dWeight);
        return new Result(on.read(logprobs), on.read(entropies), on.read(dX), on.read(dWeight));
    }

    private static float[] logprobs(Fixture on, int[] shape, float scale, float[] x, float[] weight, int[] targets) {
        return logprobs(on, shape, scale, 0, x, weight, targets);
    }

    private static float[] logprobs(
            Fixture on, int[] shape, float scale, float softcap, float[] x, float[] weight, int[] targets) {
        Tensor logprobs = on.zeros(DType.F32, shape[0]);
        on.device.linearLogprobs(
                on.floats(x, shape[0], shape[1]),
                on.floats(weight, shape[2], shape[1]),
                targets,
                scale,
                softcap,
                on.zeros(DType.F32, shape[3], shape[2]),
                logprobs,
                null);
        return on.read(logprobs);
    }

    /** Some negative, which are left out. */
    private static int[] targets(Random random, int tokens, int vocabulary) {
        int[] targets = random.ints(tokens, 0, vocabulary).toArray();
        for (int t = 2; t < tokens; t += 3) {
            targets[t] = -1 - random.nextInt(100);
        }
        return targets;
    }

    /** {@code {logprobs, entropies}} in double precision. */
    private static double[][] expected(
            int[] shape, float scale, float softcap, float[] x, float[] weight, int[] targets) {
        int width = shape[1];
        double[] logprobs = new double[shape[0]];
        double[] entropies = new double[shape[0]];
        for (int t = 0; t < shape[0]; t++) {
            if (targets[t] < 0) {
                continue;
            }
            double[] logits = new double[shape[2]];
            for (int w = 0; w < shape[2]; w++) {
                for (int i = 0; i < width; i++) {
                    logits[w] += x[t * width + i] * weight[w * width + i];
                }
                logits[w] = scale * (softcap == 0 ? logits[w] : softcap * Math.tanh(logits[w] / softcap));
            }
            double lse = Math.log(Arrays.stream(logits).map(Math::exp).sum());
            logprobs[t] = logits[targets[t]] - lse;
            entropies[t] = Arrays.stream(logits)
                    .map(l -> -Math.exp(l - lse) * (l - lse))
                    .sum();
        }
        return new double[][] {logprobs, entropies};
    }

    @OnEachDevice
    void logprobsAndEntropiesAreThoseOfTheSoftmax(String device) {
        Random random = new Random(1);
        for (int[] shape : SHAPES) {
            float scale = 0.5f + random.nextFloat();
            float[] x = Fixture.normal(random, shape[0] * shape[1]);
            float[] weight = Fixture.normal(random, shape[2] * shape[1]);
            int[] targets = targets(random, shape[0], shape[2]);
            double[][] expected = expected(shape, scale, 0, x, weight, targets);
            try (Fixture on = Fixture.on(device)) {
                Result result = run(on, DType.F32, shape, scale, x, weight, targets, new float[shape[0]]);
                assertClose("logprobs", result.logprobs, expected[0], 2e-5);
                assertClose("entropies", result.entropies, expected[1], 2e-5);
                assertSameBits("logprobs alone", logprobs(on, shape, scale, x, weight, targets), result.logprobs);
            }
        }
    }

    @OnEachDevice
    void gradientsAreThoseOfCentralDifferences(String device) {
        Random random = new Random(2);
        for (int[] shape : new int[][] {{1, 3, 4, 1}, {5, 4, 6, 2}, {4, 9, 17, 4}}) {
            float[] x = Fixture.normal(random, shape[0] * shape[1]);
            float[] weight = Fixture.normal(random, shape[2] * shape[1]);
            int[] targets = targets(random, shape[0], shape[2]);
            float[] c = Fixture.normal(random, shape[0]);
            float[] minusC = c.clone();
            for (int t = 0; t < c.length; t++) {
                minusC[t] = -c[t];
            }
            try (Fixture on = Fixture.on(device)) {
                Result result = run(on, DType.F32, shape, 0.7f, x, weight, targets, c);
                assertGradient("dX", result.dX, x, minusC, in -> logprobs(on, shape, 0.7f, in, weight, targets), 3e-3);
                assertGradient(
                        "dWeight",
                        result.dWeight,
                        weight,
                        minusC,
                        in -> logprobs(on, shape, 0.7f, x, in, targets),
                        3e-3);
            }
        }
    }

    @OnEachDevice
    void aCapHoldsTheLogitsAndBendsTheGradients(String device) {
        Random random = new Random(6);
        float softcap = 1.4f;
        for (int[] shape : new int[][] {{1, 3, 4, 1}, {5, 4, 6, 2}, {9, 16, 33, 4}}) {
            float[] x = Fixture.normal(random, shape[0] * shape[1]);
            float[] weight = Fixture.normal(random, shape[2] * shape[1]);
            int[] targets = targets(random, shape[0], shape[2]);
            float[] c = Fixture.normal(random, shape[0]);
            float[] minusC = c.clone();
            for (int t = 0; t < c.length; t++) {
                minusC[t] = -c[t];
            }
            double[][] expected = expected(shape, 0.8f, softcap, x, weight, targets);
            try (Fixture on = Fixture.on(device)) {
                Result result = run(on, DType.F32, shape, 0.8f, softcap, x, weight, targets, c, null);
                assertClose("logprobs", result.logprobs, expected[0], 2e-5);
                assertClose("entropies", result.entropies, expected[1], 2e-5);
                assertGradient(
                        "dX",
                        result.dX,
                        x,
                        minusC,
                        in -> logprobs(on, shape, 0.8f, softcap, in, weight, targets),
                        3e-3);
                assertGradient(
                        "dWeight",
                        result.dWeight,
                        weight,
                        minusC,
                        in -> logprobs(on, shape, 0.8f, softcap, x, in, targets),
                        3e-3);
            }
        }
    }

    /** The entropies alone, by a call without a loss. */
    private static float[] entropies(
            Fixture on, int[] shape, float scale, float softcap, float[] x, float[] weight, int[] targets) {
        Tensor entropies = on.zeros(DType.F32, shape[0]);
        on.device.linearLogprobs(
                on.floats(x, shape[0], shape[1]),
                on.floats(weight, shape[2], shape[1]),
                targets,
                scale,
                softcap,
                on.zeros(DType.F32, shape[3], shape[2]),
                on.zeros(DType.F32, shape[0]),
                entropies);
        return on.read(entropies);
    }

    @OnEachDevice
    void aBonusForEntropyHasTheGradientOfCentralDifferences(String device) {
        Random random = new Random(8);
        for (float softcap : new float[] {0, 1.4f}) {
            for (int[] shape : new int[][] {{1, 3, 4, 1}, {5, 4, 6, 2}, {4, 9, 33, 4}}) {
                float[] x = Fixture.normal(random, shape[0] * shape[1]);
                float[] weight = Fixture.normal(random, shape[2] * shape[1]);
                int[] targets = targets(random, shape[0], shape[2]);
                float[] bonuses = Fixture.normal(random, shape[0]);
                float[] minus = bonuses.clone();
                for (int t = 0; t < minus.length; t++) {
                    minus[t] = -bonuses[t];
                }
                float[] zero = new float[shape[0]];
                try (Fixture on = Fixture.on(device)) {
                    Result result = run(on, DType.F32, shape, 0.8f, softcap, x, weight, targets, zero, bonuses);
                    assertGradient(
                            "dX",
                            result.dX,
                            x,
                            minus,
                            in -> entropies(on, shape, 0.8f, softcap, in, weight, targets),
                            3e-3);
                    assertGradient(
                            "dWeight",
                            result.dWeight,
                            weight,
                            minus,
                            in -> entropies(on, shape, 0.8f, softcap, x, in, targets),
                            3e-3);
                }
            }
        }
    }

    /** PyTorch's autograd in double precision; make_entropy_fixture.py wrote it. */
    @OnEachDevice
    void theLossWithABonusHasPyTorchsGradients(String device) throws IOException {
        int[] shape = {5, 6, 37, 2};
        int[] targets = {3, -1, 36, 0, 17};
        for (Map<String, float[]> one : fixtures()) {
            try (Fixture on = Fixture.on(device)) {
                Result result = run(
                        on,
                        DType.F32,
                        shape,
                        numbers(one, "scale")[0],
                        numbers(one, "softcap")[0],
                        numbers(one, "x"),
                        numbers(one, "weight"),
                        targets,
                        numbers(one, "coefficients"),
                        numbers(one, "bonuses"));
                assertClose("dX", result.dX, numbers(one, "d_x"), 2e-5);
                assertClose("dWeight", result.dWeight, numbers(one, "d_weight"), 2e-5);
            }
        }
    }

    private static float[] numbers(Map<String, float[]> tensors, String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    /** The file's tensors by name, a map a case. */
    private static List<Map<String, float[]>> fixtures() throws IOException {
        List<Map<String, float[]>> cases = new ArrayList<>();
        try (InputStream in =
                Objects.requireNonNull(LinearCrossEntropyTest.class.getResourceAsStream("/entropy-bonus.txt"))) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
                String[] parts = line.split(" ");
                if (parts[0].equals("scale")) {
                    cases.add(new HashMap<>());
                }
                float[] values = new float[parts.length - 1];
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.parseFloat(parts[i + 1]);
                }
                cases.get(cases.size() - 1).put(parts[0], values);
            }
        }
        return cases;
    }

    @Test
    void tokensWithoutABonusKeepTheirBits() {
        Random random = new Random(9);
        int[] shape = {20, 33, 123, 8};
        float[] x = Fixture.normal(random, shape[0] * shape[1]);
        float[] weight = Fixture.normal(random, shape[2] * shape[1]);
        int[] targets = targets(random, shape[0], shape[2]);
        float[] c = Fixture.normal(random, shape[0]);
        try (Fixture on = Fixture.on("cpu")) {
            Result without = run(on, DType.F32, shape, 1, 0, x, weight, targets, c, null);
            Result zero = run(on, DType.F32, shape, 1, 0, x, weight, targets, c, new float[shape[0]]);
            assertSameBits("dX", zero.dX, without.dX);
            assertSameBits("dWeight", zero.dWeight, without.dWeight);
        }
    }

    @Test
    void cpuMatchesTheReference() {
        Random random = new Random(3);
        for (int[] shape : SHAPES) {
            float[] x = Fixture.normal(random, shape[0] * shape[1]);
            float[] weight = Fixture.normal(random, shape[2] * shape[1]);
            int[] targets = targets(random, shape[0], shape[2]);
            float[] c = Fixture.normal(random, shape[0]);
            try (Fixture cpu = Fixture.on("cpu");
                    Fixture reference = Fixture.on("nd4j")) {
                float[] bonuses = Fixture.normal(random, shape[0]);
                Result actual = run(cpu, DType.F32, shape, 1, 0, x, weight, targets, c, bonuses);
                Result expected = run(reference, DType.F32, shape, 1, 0, x, weight, targets, c, bonuses);
                assertClose("dX", actual.dX, expected.dX, 1e-5);
                assertClose("dWeight", actual.dWeight, expected.dWeight, 1e-5);
                assertClose("logprobs", actual.logprobs, expected.logprobs, 1e-5);
                assertClose("entropies", actual.entropies, expected.entropies, 1e-5);
            }
        }
    }

    @Test
    void aTokensBitsDoNotDependOnTheChunk() {
        Random random = new Random(4);
        int[] shape = {41, 48, 130, 41};
        float[] x = Fixture.normal(random, shape[0] * shape[1]);
        float[] weight = Fixture.normal(random, shape[2] * shape[1]);
        int[] targets = random.ints(shape[0], 0, shape[2]).toArray();
        try (Fixture on = Fixture.on("cpu")) {
            float[] whole = logprobs(on, shape, 1, x, weight, targets);
            for (int chunk : new int[] {1, 2, 7, 16, 100}) {
                int[] chunked = {shape[0], shape[1], shape[2], chunk};
                assertSameBits("chunk " + chunk, logprobs(on, chunked, 1, x, weight, targets), whole);
            }
        }
    }

    @OnEachDevice
    void accumulatesTheWeightsGradientAndOverwritesTheInputs(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor dX = on.floats(new float[] {Float.NaN, Float.NaN}, 1, 2);
            Tensor dWeight = on.floats(new float[] {1, 2, 3, 4}, 2, 2);
            on.device.linearCrossEntropy(
                    on.floats(new float[] {5, 6}, 1, 2),
                    on.floats(new float[] {1, 0, 0, 1}, 2, 2),
                    new int[] {-1},
                    on.floats(new float[] {1}, 1),
                    1,
                    on.zeros(DType.F32, 1, 2),
                    on.zeros(DType.F32, 1),
                    null,
                    dX,
                    dWeight);
            assertSameBits("dX of a token left out", on.read(dX), new float[] {0, 0});
            assertSameBits("dWeight", on.read(dWeight), new float[] {1, 2, 3, 4});
        }
    }

    @OnEachDevice
    void aFrozenWeightNeedsNoGradient(String device) {
        Random random = new Random(7);
        float[] x = Fixture.normal(random, 3 * 4);
        float[] weight = Fixture.normal(random, 5 * 4);
        float[] c = Fixture.normal(random, 3);
        int[] targets = {4, -1, 2};
        try (Fixture on = Fixture.on(device)) {
            float[] expected = run(on, DType.F32, new int[] {3, 4, 5, 2}, 1, x, weight, targets, c).dX;
            Tensor dX = on.zeros(DType.F32, 3, 4);
            on.device.linearCrossEntropy(
                    on.floats(x, 3, 4),
                    on.floats(weight, 5, 4),
                    targets,
                    on.floats(c, 3),
                    1,
                    on.zeros(DType.F32, 2, 5),
                    on.zeros(DType.F32, 3),
                    null,
                    dX,
                    null);
            assertSameBits("dX", on.read(dX), expected);
        }
    }

    @Test
    void bfloat16IsCloseToFloat() {
        Random random = new Random(5);
        int[] shape = {13, 40, 90, 8};
        float[] x = Bf16.round(Fixture.normal(random, shape[0] * shape[1]));
        float[] weight = Bf16.round(Fixture.normal(random, shape[2] * shape[1]));
        int[] targets = targets(random, shape[0], shape[2]);
        float[] c = Fixture.normal(random, shape[0]);
        try (Fixture on = Fixture.on("cpu")) {
            Result halves = run(on, DType.BF16, shape, 0.3f, x, weight, targets, c);
            Result floats = run(on, DType.F32, shape, 0.3f, x, weight, targets, c);
            assertClose("logprobs", halves.logprobs, floats.logprobs, Bf16.EPSILON);
            assertClose("entropies", halves.entropies, floats.entropies, Bf16.EPSILON);
            assertClose("dX", halves.dX, floats.dX, 2 * Bf16.EPSILON);
            assertClose("dWeight", halves.dWeight, floats.dWeight, 2 * Bf16.EPSILON);
        }
    }

    @OnEachDevice
    void refusesAWorkspaceOfAnotherVocabulary(String device) {
        try (Fixture on = Fixture.on(device)) {
            assertThatThrownBy(() -> on.device.linearLogprobs(
                            on.zeros(DType.F32, 2, 3),
                            on.zeros(DType.F32, 5, 3),
                            new int[] {0, 1},
                            1,
                            on.zeros(DType.F32, 4, 6),
                            on.zeros(DType.F32, 2),
                            null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("linearLogprobs: workspace is F32[4, 6] on " + device + ", expected F32[4, 5]");
        }
    }

    @OnEachDevice
    void refusesATargetOutsideTheVocabulary(String device) {
        try (Fixture on = Fixture.on(device)) {
            assertThatThrownBy(() -> on.device.linearLogprobs(
                            on.zeros(DType.F32, 2, 3),
                            on.zeros(DType.F32, 5, 3),
                            new int[] {4, 5},
                            1,
                            on.zeros(DType.F32, 4, 5),
                            on.zeros(DType.F32, 2),
                            null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("linearLogprobs: target 5 of token 1 is outside the vocabulary of 5");
        }
    }

    @OnEachDevice
    void asksForRowsThatAFewGibibytesHold(String device) {
        try (Fixture on = Fixture.on(device)) {
            for (int vocabulary : new int[] {2, 512, 32_000, 262_144}) {
                for (int width : new int[] {1, 64, 1536, 8192}) {
                    long rows = on.device.logitRows(width, vocabulary);
                    assertThat(rows).isGreaterThanOrEqualTo(16);
                    assertThat(rows * vocabulary * Float.BYTES).isLessThan(2L << 30);
                }
            }
        }
    }
}
