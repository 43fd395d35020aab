package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SampleTest {

    private record Cuts(float temperature, int topK, float topP, float minP) {

        static Cuts none(float temperature) {
            return new Cuts(temperature, 0, 1, 0);
        }
    }

    private record Drawn(int[] tokens, float[] logprobs) {}

    /** One draw for each seed, all from the same logits. */
    private static Drawn draw(Fixture on, float[] logits, Cuts cuts, long... seeds) {
        int rows = seeds.length;
        float[] all = new float[rows * logits.length];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(logits, 0, all, row * logits.length, logits.length);
        }
        int[] topKs = new int[rows];
        Arrays.fill(topKs, cuts.topK);
        Tensor tokens = on.zeros(DType.I32, rows);
        Tensor logprobs = on.zeros(DType.F32, rows);
        on.device.sample(
                on.floats(all, rows, logits.length),
                on.floats(filled(rows, cuts.temperature), rows),
                on.ints(topKs),
                on.floats(filled(rows, cuts.topP), rows),
                on.floats(filled(rows, cuts.minP), rows),
                on.longs(seeds),
                tokens,
                logprobs);
        return new Drawn(on.readInts(tokens), on.read(logprobs));
    }

    private static float[] filled(int count, float value) {
        float[] values = new float[count];
        Arrays.fill(values, value);
        return values;
    }

    private static long[] seeds(long seed, int count) {
        return new Random(seed).longs(count).toArray();
    }

    private static double[] softmax(float[] logits, float temperature) {
        double[] p = new double[logits.length];
        for (int i = 0; i < p.length; i++) {
            p[i] = Math.exp(logits[i] / temperature);
        }
        double sum = Arrays.stream(p).sum();
        return Arrays.stream(p).map(x -> x / sum).toArray();
    }

    @OnEachDevice
    void frequenciesAreTheProbabilities(String device) {
        float[] logits = {0.3f, -1, 2, 1.1f, 0, -0.4f, 1.7f, -2};
        int draws = device.equals("cpu") ? 20_000 : 2_000;
        double[] p = softmax(logits, 0.8f);
        int[] counts = new int[logits.length];
        try (Fixture on = Fixture.on(device)) {
            for (int token : draw(on, logits, Cuts.none(0.8f), seeds(1, draws)).tokens) {
                counts[token]++;
            }
        }
        double chiSquare = 0;
        for (int i = 0; i < p.length; i++) {
            chiSquare += (counts[i] - draws * p[i]) * (counts[i] - draws * p[i]) / (draws * p[i]);
        }
        // The 99.9 % quantile with 7 degrees of freedom.
        assertThat(chiSquare).isLessThan(24.3);
    }

    @OnEachDevice
    void consecutiveSeedsAreIndependent(String device) {
        float[] logits = new float[4];
        int draws = device.equals("cpu") ? 16_000 : 1_600;
        long[] seeds = new long[draws];
        for (int i = 0; i < draws; i++) {
            seeds[i] = i;
        }
        int[] pairs = new int[16];
        try (Fixture on = Fixture.on(device)) {
            int[] tokens = draw(on, logits, Cuts.none(1), seeds).tokens;
            for (int i = 0; i + 1 < draws; i++) {
                pairs[tokens[i] * 4 + tokens[i + 1]]++;
            }
        }
        double expected = (draws - 1) / 16.0;
        double chiSquare = Arrays.stream(pairs)
                .mapToDouble(n -> (n - expected) * (n - expected) / expected)
                .sum();
        // The 99.9 % quantile with 15 degrees of freedom.
        assertThat(chiSquare).isLessThan(37.7);
    }

    @OnEachDevice
    void cutsLeaveExactlyTheirTokens(String device) {
        // Probabilities 0.4, 0.3, 0.15, 0.1, 0.05 in another order.
        float[] logits = logs(0.1, 0.4, 0.05, 0.3, 0.15);
        try (Fixture on = Fixture.on(device)) {
            assertThat(kept(on, logits, new Cuts(1, 2, 1, 0))).containsExactly(1, 3);
            assertThat(kept(on, logits, new Cuts(1, 1, 1, 0))).containsExactly(1);
            assertThat(kept(on, logits, new Cuts(1, 99, 1, 0))).containsExactly(0, 1, 2, 3, 4);
            assertThat(kept(on, logits, new Cuts(1, 0, 0.69f, 0))).containsExactly(1, 3);
            assertThat(kept(on, logits, new Cuts(1, 0, 0.71f, 0))).containsExactly(1, 3, 4);
            assertThat(kept(on, logits, new Cuts(1, 0, 0.01f, 0))).containsExactly(1);
            assertThat(kept(on, logits, new Cuts(1, 0, 1, 0.3f))).containsExactly(1, 3, 4);
            assertThat(kept(on, logits, new Cuts(1, 0, 1, 0.2f))).containsExactly(0, 1, 3, 4);
            // After top-k 3 the shares are 0.47, 0.35, 0.18: top-p goes by these.
            assertThat(kept(on, logits, new Cuts(1, 3, 0.8f, 0))).containsExactly(1, 3);
            assertThat(kept(on, logits, new Cuts(1, 3, 0.83f, 0))).containsExactly(1, 3, 4);
            assertThat(kept(on, logits, new Cuts(1, 3, 0.83f, 0.5f))).containsExactly(1, 3);
        }
    }

    @OnEachDevice
    void amongEqualsTheLowestIdsStay(String device) {
        float[] logits = {0, 1, 1, 0, 1, 1};
        try (Fixture on = Fixture.on(device)) {
            assertThat(kept(on, logits, new Cuts(1, 2, 1, 0))).containsExactly(1, 2);
            assertThat(kept(on, logits, new Cuts(0, 0, 1, 0))).containsExactly(1);
        }
    }

    private static Set<Integer> kept(Fixture on, float[] logits, Cuts cuts) {
        Set<Integer> kept = new TreeSet<>();
        for (int token : draw(on, logits, cuts, seeds(2, 400)).tokens) {
            kept.add(token);
        }
        return kept;
    }

    private static float[] logs(double... probabilities) {
        float[] logs = new float[probabilities.length];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = (float) Math.log(probabilities[i]);
        }
        return logs;
    }

    @OnEachDevice
    void logprobsAreThoseBeforeTheCuts(String device) {
        float[] logits = Fixture.normal(new Random(3), 50);
        try (Fixture on = Fixture.on(device)) {
            for (Cuts cuts : new Cuts[] {new Cuts(0.7f, 3, 0.5f, 0.1f), Cuts.none(1.5f), Cuts.none(0)}) {
                Drawn drawn = draw(on, logits, cuts, seeds(4, 20));
                double[] p = softmax(logits, cuts.temperature == 0 ? 1 : cuts.temperature);
                double[] expected = Arrays.stream(drawn.tokens)
                        .mapToDouble(t -> Math.log(p[t]))
                        .toArray();
                assertClose("logprobs at " + cuts, drawn.logprobs, expected, 1e-5);
            }
        }
    }

    @Test
    void bothDevicesDrawTheSameTokens() {
        Random random = new Random(5);
        for (int vocabulary : new int[] {1, 2, 33, 500}) {
            float[] logits = Fixture.normal(random, vocabulary);
            for (Cuts cuts : new Cuts[] {
                Cuts.none(0),
                Cuts.none(1),
                new Cuts(0.6f, 20, 1, 0),
                new Cuts(1.2f, 0, 0.9f, 0),
                new Cuts(1, 50, 0.95f, 0.05f)
            }) {
                try (Fixture cpu = Fixture.on("cpu");
                        Fixture reference = Fixture.on("nd4j")) {
                    long[] seeds = seeds(random.nextLong(), 60);
                    Drawn actual = draw(cpu, logits, cuts, seeds);
                    Drawn expected = draw(reference, logits, cuts, seeds);
                    assertThat(actual.tokens).as(vocabulary + " " + cuts).isEqualTo(expected.tokens);
                    assertClose("logprobs", actual.logprobs, expected.logprobs, 1e-5);
                }
            }
        }
    }

    @Test
    void aDrawDoesNotDependOnOtherRows() {
        float[] logits = Fixture.normal(new Random(6), 300);
        long[] seeds = seeds(7, 30);
        Cuts cuts = new Cuts(1, 40, 0.9f, 0.01f);
        try (Fixture on = Fixture.on("cpu")) {
            Drawn together = draw(on, logits, cuts, seeds);
            for (int row = 0; row < seeds.length; row++) {
                Drawn alone = draw(on, logits, cuts, seeds[row]);
                assertThat(alone.tokens[0]).isEqualTo(together.tokens[row]);
                assertThat(alone.logprobs[0]).isEqualTo(together.logprobs[row]);
            }
        }
    }

    @OnEachDevice
    void refusesSeedsOfAnotherType(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor floats = on.zeros(DType.F32, 1);
            assertThatThrownBy(() -> on.device.sample(
                            on.zeros(DType.F32, 1, 5),
                            floats,
                            on.ints(0),
                            floats,
                            floats,
                            on.ints(0),
                            on.ints(0),
                            floats))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("sample: seeds is I32[1] on " + device + ", expected I64[1], contiguous");
        }
    }
}
