package dev.hone.perf.models;

import java.util.SplittableRandom;

/** Random numbers that both sides draw alike, each tensor's from its name. */
public final class Numbers {

    /** Receives numbers in order, some at a time; the array is used again. */
    public interface Sink {
        void accept(long from, float[] numbers);
    }

    private static final int AT_ONCE = 1 << 16;

    private Numbers() {}

    /** Draws {@code count} numbers from a normal distribution. */
    public static void normal(String name, long count, double mean, double deviation, Sink sink) {
        SplittableRandom random = new SplittableRandom(name.hashCode());
        for (long from = 0; from < count; from += AT_ONCE) {
            float[] numbers = new float[(int) Math.min(AT_ONCE, count - from)];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) (mean + deviation * random.nextGaussian());
            }
            sink.accept(from, numbers);
        }
    }

    /** Draws a model's weight by its Hugging Face name: layers large enough to change what the embedding alone says. */
    public static void weight(String name, long count, Sink sink) {
        boolean norm = name.endsWith("norm.weight");
        boolean embedding = name.contains("embed_tokens");
        normal(name, count, norm ? 1 : 0, norm ? 0.1 : embedding ? 0.02 : 0.06, sink);
    }

    /** Token ids. */
    public static int[] ids(String name, int count, int bound) {
        return new SplittableRandom(name.hashCode()).ints(count, 0, bound).toArray();
    }
}
