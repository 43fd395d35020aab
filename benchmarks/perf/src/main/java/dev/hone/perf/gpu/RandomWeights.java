package dev.hone.perf.gpu;

import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.Weight;
import java.util.Arrays;
import java.util.Random;

/** Fills large models with random weights within a second or two, where drawing each number takes a minute. */
final class RandomWeights {

    /** Prime, so that a matrix's rows differ though the numbers repeat. */
    private static final int NUMBERS = 1_000_003;

    private static final double DEVIATION = 0.02;

    private RandomWeights() {}

    /** Normal matrices of deviation 0.02; norms of 1, biases of 0. */
    static void fill(Transformer transformer) {
        Random random = new Random(1);
        float[] normal = new float[NUMBERS];
        for (int i = 0; i < NUMBERS; i++) {
            normal[i] = (float) (DEVIATION * random.nextGaussian());
        }
        transformer.parameters().named().forEach((name, weight) -> {
            float[] values = normal;
            if (name.endsWith("norm.weight") || name.endsWith(".bias")) {
                values = new float[(int) weight.size()];
                Arrays.fill(values, name.endsWith(".bias") ? 0 : 1);
            }
            repeat(values, weight.flat());
        });
        transformer.parameters().changed();
    }

    /** Writes the numbers once and copies what is there until the weight is full. */
    private static void repeat(float[] values, Weight to) {
        long done = Math.min(values.length, to.size());
        to.rows(0, done).write(done == values.length ? values : Arrays.copyOf(values, (int) done));
        while (done < to.size()) {
            long count = Math.min(done, to.size() - done);
            to.rows(done, done + count).copy(to.rows(0, count));
            done += count;
        }
    }
}
