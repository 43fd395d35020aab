package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static dev.hone.kernels.Closeness.assertGradient;
import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.kernels.Device.AttentionForm;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AttentionTest {

    /** One packed batch: {@code lengths} of its sequences. */
    private record Case(int heads, int kvHeads, int headDim, int gap, int window, float softcap, int... lengths) {

        static Case causal(int heads, int kvHeads, int headDim, int gap, int... lengths) {
            return new Case(heads, kvHeads, headDim, gap, 0, 0, lengths);
        }

        int tokens() {
            return Arrays.stream(lengths).sum();
        }

        int[] offsets() {
            int[] offsets = new int[lengths.length + 1];
            for (int s = 0; s < lengths.length; s++) {
                offsets[s + 1] = offsets[s] + lengths[s];
            }
            return offsets;
        }

        AttentionForm form() {
            return new AttentionForm((float) (1 / Math.sqrt(headDim)), window, softcap);
        }

        int queries() {
            return tokens() * heads * headDim;
        }

        int keys() {
            return tokens() * kvHeads * headDim;
        }
    }

    private static final List<Case> SMALL = List.of(
            Case.causal(1, 1, 1, 0, 1),
            Case.causal(2, 1, 5, 3, 1, 4, 1),
            Case.causal(4, 2, 7, 0, 3, 2),
            Case.causal(3, 3, 8, 2, 6),
            new Case(2, 1, 6, 1, 3, 0, 7, 2),
            new Case(2, 2, 5, 0, 0, 0.8f, 5, 1),
            new Case(4, 2, 4, 0, 2, 1.3f, 6));

    private static final List<Case> LARGE = List.of(
            Case.causal(4, 2, 32, 8, 1, 70, 130, 1, 33),
            Case.causal(6, 2, 33, 0, 65, 64, 63),
            Case.causal(2, 2, 64, 16, 200),
            Case.causal(3, 1, 123, 5, 17, 90),
            new Case(4, 2, 32, 8, 40, 0, 300, 1, 41, 130),
            new Case(2, 1, 16, 0, 1, 0, 150),
            new Case(2, 1, 256, 0, 0, 2, 140, 30),
            new Case(6, 2, 24, 4, 129, 1, 260, 20));

    private record Forward(float[] out, float[] lse) {}

    private static Forward forward(Fixture on, DType dtype, Case c, float[] q, float[] k, float[] v) {
        Tensor out = on.spaced(dtype, c.gap, new float[c.queries()], c.tokens(), c.heads, c.headDim);
        Tensor lse = on.zeros(DType.F32, c.heads, c.tokens());
        on.device.attentionForward(
                on.spaced(dtype, c.gap, q, c.tokens(), c.heads, c.headDim),
                on.spaced(dtype, c.gap, k, c.tokens(), c.kvHeads, c.headDim),
                on.spaced(dtype, c.gap, v, c.tokens(), c.kvHeads, c.headDim),
                on.ints(c.offsets()),
                c.form(),
                out,
                lse);
        return new Forward(on.read(out), on.read(lse));
    }

    private record Gradients(float[] q, float[] k, float[] v) {}

    private static Gradients backward(Fixture on, DType dtype, Case c, float[] q, float[] k, float[] v, float[] dOut) {
        Tensor qs = on.spaced(dtype, c.gap, q, c.tokens(), c.heads, c.headDim);
        Tensor ks = on.spaced(dtype, c.gap, k, c.tokens(), c.kvHeads, c.headDim);
        Tensor vs = on.spaced(dtype, c.gap, v, c.tokens(), c.kvHeads, c.headDim);
        Tensor offsets = on.ints(c.offsets());
        Tensor out = on.zeros(dtype, c.tokens(), c.heads, c.headDim);
        Tensor lse = on.zeros(DType.F32, c.heads, c.tokens());
        on.device.attentionForward(qs, ks, vs, offsets, c.form(), out, lse);
        // What is there before must not matter.
        Tensor dQ = on.spaced(dtype, c.gap, nans(c.queries()), c.tokens(), c.heads, c.headDim);
        Tensor dK = on.spaced(dtype, c.gap, nans(c.keys()), c.tokens(), c.kvHeads, c.headDim);
        Tensor dV = on.spaced(dtype, c.gap, nans(c.keys()), c.tokens(), c.kvHeads, c.headDim);
        on.device.attentionBackward(
                qs,
                ks,
                vs,
                offsets,
                c.form(),
                out,
                lse,
                on.tensor(dtype, dOut, c.tokens(), c.heads, c.headDim),
                dQ,
                dK,
                dV);
        return new Gradients(on.read(dQ), on.read(dK), on.read(dV));
    }

    private static float[] nans(int count) {
        float[] nans = new float[count];
        Arrays.fill(nans, Float.NaN);
        return nans;
    }

    /** Every weight on its own, in double precision: {@code {out, lse}}. */
    private static double[][] expected(Case c, float[] q, float[] k, float[] v) {
        double[] out = new double[c.queries()];
        double[] lse = new double[c.heads * c.tokens()];
        int[] offsets = c.offsets();
        for (int s = 0; s < c.lengths.length; s++) {
            for (int t = offsets[s]; t < offsets[s + 1]; t++) {
                for (int h = 0; h < c.heads; h++) {
                    int kvHead = h / (c.heads / c.kvHeads);
                    double[] score = new double[t + 1 - offsets[s]];
                    int first = c.window > 0 ? Math.max(0, score.length - c.window) : 0;
                    for (int u = 0; u < score.length; u++) {
                        for (int d = 0; d < c.headDim; d++) {
                            score[u] += (double) q[(t * c.heads + h) * c.headDim + d]
                                    * k[((offsets[s] + u) * c.kvHeads + kvHead) * c.headDim + d]
                                    * c.form().scale();
                        }
                        if (c.softcap > 0) {
                            score[u] = c.softcap * Math.tanh(score[u] / c.softcap);
                        }
                        if (u < first) {
                            score[u] = Double.NEGATIVE_INFINITY;
                        }
                    }
                    double sum = Arrays.stream(score).map(Math::exp).sum();
                    lse[h * c.tokens() + t] = Math.log(sum);
                    for (int u = 0; u < score.length; u++) {
                        for (int d = 0; d < c.headDim; d++) {
                            out[(t * c.heads + h) * c.headDim + d] += Math.exp(score[u])
                                    / sum
                                    * v[((offsets[s] + u) * c.kvHeads + kvHead) * c.headDim + d];
                        }
                    }
                }
            }
        }
        return new double[][] {out, lse};
    }

    @OnEachDevice
    void matchesEveryWeightOnItsOwn(String device) {
        Random random = new Random(1);
        for (List<Case> cases : List.of(SMALL, LARGE)) {
            for (Case c : cases) {
                float[] q = Fixture.normal(random, c.queries());
                float[] k = Fixture.normal(random, c.keys());
                float[] v = Fixture.normal(random, c.keys());
                try (Fixture on = Fixture.on(device)) {
                    Forward actual = forward(on, DType.F32, c, q, k, v);
                    double[][] expected = expected(c, q, k, v);
                    assertClose("out of " + c, actual.out, expected[0], 1e-5);
                    assertClose("lse of " + c, actual.lse, expected[1], 1e-5);
                }
            }
        }
    }

    @OnEachDevice
    void survivesLargeScores(String device) {
        Case c = Case.causal(1, 1, 4, 0, 3);
        float[] q = new float[c.queries()];
        Arrays.fill(q, 300);
        float[] k = {300, 300, 300, 300, -300, -300, -300, -300, 300, 300, 300, 300};
        float[] v = Fixture.normal(new Random(9), c.keys());
        try (Fixture on = Fixture.on(device)) {
            float[] out = forward(on, DType.F32, c, q, k, v).out;
            for (int d = 0; d < 4; d++) {
                assertClose("last token", new float[] {out[8 + d]}, new double[] {(v[d] + v[8 + d]) / 2}, 1e-5);
            }
        }
    }

    @OnEachDevice
    void gradientsAreThoseOfCentralDifferences(String device) {
        Random random = new Random(2);
        for (Case c : SMALL) {
            float[] q = Fixture.normal(random, c.queries());
            float[] k = Fixture.normal(random, c.keys());
            float[] v = Fixture.normal(random, c.keys());
            float[] dOut = Fixture.normal(random, c.queries());
            try (Fixture on = Fixture.on(device)) {
                Gradients gradients = backward(on, DType.F32, c, q, k, v, dOut);
                assertGradient("dQ of " + c, gradients.q, q, dOut, in -> forward(on, DType.F32, c, in, k, v).out, 3e-3);
                assertGradient("dK of " + c, gradients.k, k, dOut, in -> forward(on, DType.F32, c, q, in, v).out, 3e-3);
                assertGradient("dV of " + c, gradients.v, v, dOut, in -> forward(on, DType.F32, c, q, k, in).out, 3e-3);
            }
        }
    }

    @Test
    void cpuGradientsAreThoseOfTheReference() {
        Random random = new Random(3);
        for (Case c : LARGE) {
            float[] q = Fixture.normal(random, c.queries());
            float[] k = Fixture.normal(random, c.keys());
            float[] v = Fixture.normal(random, c.keys());
            float[] dOut = Fixture.normal(random, c.queries());
            try (Fixture cpu = Fixture.on("cpu");
                    Fixture reference = Fixture.on("nd4j")) {
                Gradients actual = backward(cpu, DType.F32, c, q, k, v, dOut);
                Gradients expected = backward(reference, DType.F32, c, q, k, v, dOut);
                assertClose("dQ of " + c, actual.q, expected.q, 2e-5);
                assertClose("dK of " + c, actual.k, expected.k, 2e-5);
                assertClose("dV of " + c, actual.v, expected.v, 2e-5);
            }
        }
    }

    @Test
    void aSequencesBitsDoNotDependOnItsNeighbours() {
        Random random = new Random(4);
        for (Case c : LARGE) {
            float[] q = Fixture.normal(random, c.queries());
            float[] k = Fixture.normal(random, c.keys());
            float[] v = Fixture.normal(random, c.keys());
            int[] offsets = c.offsets();
            try (Fixture on = Fixture.on("cpu")) {
                float[] together = forward(on, DType.F32, c, q, k, v).out;
                for (int s = 0; s < c.lengths.length; s++) {
                    Case alone = new Case(c.heads, c.kvHeads, c.headDim, 0, c.window, c.softcap, c.lengths[s]);
                    int queryRow = c.heads * c.headDim;
                    int keyRow = c.kvHeads * c.headDim;
                    assertSameBits(
                            "sequence " + s + " of " + c,
                            forward(
                                            on,
                                            DType.F32,
                                            alone,
                                            rows(q, queryRow, offsets[s], offsets[s + 1]),
                                            rows(k, keyRow, offsets[s], offsets[s + 1]),
                                            rows(v, keyRow, offsets[s], offsets[s + 1]))
                                    .out,
                            rows(together, queryRow, offsets[s], offsets[s + 1]));
                }
            }
        }
    }

    private static float[] rows(float[] values, int width, int from, int to) {
        return Arrays.copyOfRange(values, from * width, to * width);
    }

    @Test
    void bfloat16IsCloseToFloat() {
        Random random = new Random(5);
        for (Case c : List.of(SMALL.get(1), LARGE.get(0), LARGE.get(1))) {
            float[] q = Bf16.round(Fixture.normal(random, c.queries()));
            float[] k = Bf16.round(Fixture.normal(random, c.keys()));
            float[] v = Bf16.round(Fixture.normal(random, c.keys()));
            float[] dOut = Bf16.round(Fixture.normal(random, c.queries()));
            try (Fixture on = Fixture.on("cpu")) {
                Forward halves = forward(on, DType.BF16, c, q, k, v);
                Forward floats = forward(on, DType.F32, c, q, k, v);
                assertClose("out of " + c, halves.out, floats.out, 2 * Bf16.EPSILON);
                assertClose("lse of " + c, halves.lse, floats.lse, 2 * Bf16.EPSILON);
                Gradients half = backward(on, DType.BF16, c, q, k, v, dOut);
                Gradients full = backward(on, DType.F32, c, q, k, v, dOut);
                assertClose("dQ of " + c, half.q, full.q, 6 * Bf16.EPSILON);
                assertClose("dK of " + c, half.k, full.k, 6 * Bf16.EPSILON);
                assertClose("dV of " + c, half.v, full.v, 6 * Bf16.EPSILON);
            }
        }
    }

    @OnEachDevice
    void refusesWhatDoesNotFit(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor q = on.zeros(DType.F32, 2, 3, 4);
            Tensor k = on.zeros(DType.F32, 2, 2, 4);
            Tensor lse = on.zeros(DType.F32, 3, 2);
            assertThatThrownBy(() -> on.device.attentionForward(q, k, k, on.ints(0, 2), 1, q, lse))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("attentionForward: 3 heads cannot share 2 kvHeads evenly");
            assertThatThrownBy(() -> on.device.attentionForward(q, q, q, on.ints(0), 1, q, lse))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("offsets is I32[1] on " + device + ", expected I32[sequences + 1]");
            assertThatThrownBy(
                            () -> on.device.attentionForward(q, q, q, on.ints(0, 2), 1, q, on.zeros(DType.F32, 2, 3)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("lse is F32[2, 3] on " + device + ", expected F32[3, 2]");
            Tensor spaced = on.spaced(DType.F32, 1, new float[24], 2, 3, 4);
            assertThatThrownBy(() -> on.device.attentionBackward(q, q, q, on.ints(0, 2), 1, q, lse, q, spaced, q, q))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("row stride 13")
                    .hasMessageContaining("with row stride 12");
        }
    }
}
