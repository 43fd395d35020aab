package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertSameBits;

import dev.hone.kernels.nativ.NativeDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The operations that sum over tokens, and so could sum in another order: run again, and by other numbers of threads. */
class DeterminismTest {

    private static final int TOKENS = 190;
    private static final int WIDTH = 96;
    private static final int VOCABULARY = 301;

    @Test
    void everyRunHasTheSameBitsOnAnyNumberOfThreads() {
        List<float[]> expected = run(1);
        for (int threads : new int[] {1, 2, 2, 3}) {
            List<float[]> actual = run(threads);
            for (int i = 0; i < expected.size(); i++) {
                assertSameBits("result " + i + " by " + threads + " threads", actual.get(i), expected.get(i));
            }
        }
    }

    private static List<float[]> run(int threads) {
        Random random = new Random(1);
        try (Fixture on = Fixture.on(cpu(threads))) {
            List<Tensor> results = new ArrayList<>();
            Tensor x = on.floats(Fixture.normal(random, TOKENS * WIDTH), TOKENS, WIDTH);
            Tensor gradient = on.floats(Fixture.normal(random, TOKENS * WIDTH), TOKENS, WIDTH);
            Tensor table = on.floats(Fixture.normal(random, VOCABULARY * WIDTH), VOCABULARY, WIDTH);
            Tensor weight = on.floats(Fixture.normal(random, WIDTH), WIDTH);
            int[] targets = random.ints(TOKENS, 0, 5).toArray();
            Tensor ids = on.ints(targets);

            Tensor dWeights = on.zeros(DType.F32, WIDTH, WIDTH);
            on.device.matmul(gradient, true, x, false, null, dWeights, true);
            results.add(dWeights);

            Tensor dBias = on.zeros(DType.F32, WIDTH);
            on.device.sumRows(gradient, dBias, false);
            results.add(dBias);

            Tensor dTable = on.zeros(DType.F32, VOCABULARY, WIDTH);
            on.device.embeddingBackward(ids, gradient, dTable);
            results.add(dTable);

            Tensor rstd = on.zeros(DType.F32, TOKENS);
            Tensor normed = on.zeros(DType.F32, TOKENS, WIDTH);
            on.device.rmsnormForward(x, null, weight, 1e-5f, null, normed, rstd);
            Tensor dX = on.zeros(DType.F32, TOKENS, WIDTH);
            Tensor dWeight = on.zeros(DType.F32, WIDTH);
            on.device.rmsnormBackward(x, weight, rstd, gradient, null, dX, dWeight, null);
            results.addAll(List.of(normed, dX, dWeight));

            Tensor q = x.reshape(TOKENS, 4, 24);
            Tensor k = gradient.columns(0, 48).reshape(TOKENS, 2, 24);
            Tensor offsets = on.ints(0, 1, 120, TOKENS);
            Tensor out = on.zeros(DType.F32, TOKENS, 4, 24);
            Tensor lse = on.zeros(DType.F32, 4, TOKENS);
            on.device.attentionForward(q, k, k, offsets, 0.2f, out, lse);
            Tensor dQ = on.zeros(DType.F32, TOKENS, 4, 24);
            Tensor dK = on.zeros(DType.F32, TOKENS, WIDTH).columns(0, 48).reshape(TOKENS, 2, 24);
            Tensor dV = on.zeros(DType.F32, TOKENS, WIDTH).columns(0, 48).reshape(TOKENS, 2, 24);
            on.device.attentionBackward(q, k, k, offsets, 0.2f, out, lse, normed.reshape(TOKENS, 4, 24), dQ, dK, dV);
            results.addAll(List.of(out, lse, dQ, dK, dV));

            Tensor logprobs = on.zeros(DType.F32, TOKENS);
            Tensor dHidden = on.zeros(DType.F32, TOKENS, WIDTH);
            Tensor dClassifier = on.zeros(DType.F32, VOCABULARY, WIDTH);
            on.device.linearCrossEntropy(
                    x,
                    table,
                    targets,
                    rstd,
                    1,
                    on.zeros(DType.F32, 64, VOCABULARY),
                    logprobs,
                    null,
                    dHidden,
                    dClassifier);
            results.addAll(List.of(logprobs, dHidden, dClassifier));

            Tensor norm = on.zeros(DType.F32, 1);
            on.device.globalNorm(dClassifier, norm);
            results.add(norm);
            return results.stream().map(on::read).toList();
        }
    }

    private static Device cpu(int threads) {
        try {
            return NativeDevice.cpu(threads);
        } catch (IOException e) {
            return Assumptions.abort("The cpu device is not available: " + e.getMessage());
        }
    }
}
