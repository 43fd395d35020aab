package dev.hone.datasets.solve;

import java.util.List;

/**
 * How to attempt a prompt.
 *
 * @param attempts completions per prompt, at least 1
 * @param temperature softmax temperature; 0 is greedy
 * @param topK draw from the likeliest tokens only, so many; 0 keeps every token
 * @param topP nucleus mass in (0, 1]; 1 keeps every token
 * @param maxTokens token limit of a completion, at least 1
 * @param seed seed of the sampling; the same seed gives the same attempts
 * @param until a completion ends before the first of these texts
 */
public record SolveOptions(
        int attempts, double temperature, int topK, double topP, int maxTokens, long seed, List<String> until) {
    public SolveOptions {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts is %d: must be at least 1".formatted(attempts));
        }
        if (!(temperature >= 0)) {
            throw new IllegalArgumentException("temperature is %s: must not be negative".formatted(temperature));
        }
        if (topK < 0) {
            throw new IllegalArgumentException("topK is %d: must not be negative".formatted(topK));
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("topP is %s: must be in (0, 1]".formatted(topP));
        }
        if (maxTokens < 1) {
            throw new IllegalArgumentException("maxTokens is %d: must be at least 1".formatted(maxTokens));
        }
        until = List.copyOf(until);
    }

    /** Whatever a completion says. */
    public SolveOptions(int attempts, double temperature, int topK, double topP, int maxTokens, long seed) {
        this(attempts, temperature, topK, topP, maxTokens, seed, List.of());
    }

    /** From all tokens. */
    public SolveOptions(int attempts, double temperature, double topP, int maxTokens, long seed) {
        this(attempts, temperature, 0, topP, maxTokens, seed);
    }
}
