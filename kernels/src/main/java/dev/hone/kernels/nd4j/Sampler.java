package dev.hone.kernels.nd4j;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Draws a token from one row of logits, in plain Java: temperature, then top-k, top-p and min-p. */
final class Sampler {

    private Sampler() {}

    /** {@code logprob}: after temperature, before any cut. */
    record Draw(int token, float logprob) {}

    static Draw draw(float[] logits, float temperature, int topK, float topP, float minP, long seed) {
        double[] scaled = IntStream.range(0, logits.length)
                .mapToDouble(i -> temperature == 0 ? logits[i] : logits[i] / temperature)
                .toArray();
        double max = IntStream.range(0, logits.length)
                .mapToDouble(i -> scaled[i])
                .max()
                .orElseThrow();
        double[] p = IntStream.range(0, logits.length)
                .mapToDouble(i -> Math.exp(scaled[i] - max))
                .toArray();
        double total = IntStream.range(0, logits.length).mapToDouble(i -> p[i]).sum();

        // By falling probability, the lower id first among equals.
        List<Integer> kept = IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -p[i]).thenComparing(i -> i))
                .collect(Collectors.toList());
        if (temperature == 0) {
            kept = kept.subList(0, 1);
        }
        if (topK > 0 && topK < kept.size()) {
            kept = kept.subList(0, topK);
        }
        if (topP < 1) {
            kept = nucleus(kept, p, topP);
        }
        double least = minP * p[kept.get(0)];
        List<Integer> left = kept.stream().filter(i -> p[i] >= least).sorted().collect(Collectors.toList());

        double target =
                Philox.uniform(seed) * left.stream().mapToDouble(i -> p[i]).sum();
        double sum = 0;
        int token = left.get(left.size() - 1);
        for (int candidate : left) {
            sum += p[candidate];
            if (sum > target) {
                token = candidate;
                break;
            }
        }
        return new Draw(token, (float) (scaled[token] - max - Math.log(total)));
    }

    /** The smallest set of the likeliest tokens whose share reaches {@code topP}. */
    private static List<Integer> nucleus(List<Integer> byProbability, double[] p, float topP) {
        double target = topP * byProbability.stream().mapToDouble(i -> p[i]).sum();
        double sum = 0;
        for (int count = 1; count < byProbability.size(); count++) {
            sum += p[byProbability.get(count - 1)];
            if (sum >= target) {
                return byProbability.subList(0, count);
            }
        }
        return byProbability;
    }
}
