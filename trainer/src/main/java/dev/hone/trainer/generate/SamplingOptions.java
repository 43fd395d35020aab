package dev.hone.trainer.generate;

import dev.hone.datasets.UserError;
import java.util.Set;

/**
 * How tokens are drawn: temperature, then top-k, top-p, min-p, each over what the one before left.
 *
 * @param temperature 0 takes the likeliest token
 * @param topK 0 is off
 * @param topP 1 is off
 * @param minP 0 is off
 * @param maxTokens tokens a completion, at most
 * @param stopTokens any of them ends a completion
 */
public record SamplingOptions(
        double temperature, int topK, double topP, double minP, int maxTokens, Set<Integer> stopTokens) {

    public SamplingOptions {
        require(temperature >= 0 && temperature < Double.POSITIVE_INFINITY, "temperature", temperature, "0 or more");
        require(topK >= 0, "top_k", topK, "0 (off) or more");
        require(topP > 0 && topP <= 1, "top_p", topP, "above 0 and at most 1 (off)");
        require(minP >= 0 && minP < 1, "min_p", minP, "0 (off) or more and below 1");
        require(maxTokens > 0, "max_tokens", maxTokens, "1 or more");
        stopTokens = Set.copyOf(stopTokens);
    }

    public static SamplingOptions greedy(int maxTokens, Set<Integer> stopTokens) {
        return new SamplingOptions(0, 0, 1, 0, maxTokens, stopTokens);
    }

    public static SamplingOptions sampled(double temperature, int maxTokens, Set<Integer> stopTokens) {
        return new SamplingOptions(temperature, 0, 1, 0, maxTokens, stopTokens);
    }

    private static void require(boolean holds, String key, Number value, String range) {
        if (!holds) {
            throw new UserError(key + " is " + value + " but must be " + range);
        }
    }
}
