package dev.hone.benchmarks;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hone.datasets.UserError;
import dev.hone.datasets.solve.SolveOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a benchmark is answered.
 *
 * @param attempts at each problem: k of avg@k
 * @param temperature 0 takes the likeliest token
 * @param topK draw from the likeliest tokens only, so many; 0 or null is off
 * @param topP 1 is off
 * @param maxTokens of a completion
 * @param until a completion ends before the first of these texts
 */
public record Protocol(
        int attempts,
        double temperature,
        @Nullable Integer topK,
        double topP,
        int maxTokens,
        long seed,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> until) {

    public Protocol {
        // Descriptions may leave it out, and results of evaluations without it do.
        until = until == null ? List.of() : List.copyOf(until);
        requireTexts("until", until);
        require(attempts >= 1, "attempts", attempts, "at least 1");
        require(temperature >= 0, "temperature", temperature, "at least 0");
        require(topK == null || topK >= 0, "top_k", topK == null ? 0 : topK, "at least 0");
        require(topP > 0 && topP <= 1, "top_p", topP, "above 0 and at most 1");
        require(maxTokens >= 1, "max_tokens", maxTokens, "at least 1");
        if (attempts > 1 && temperature == 0) {
            throw new UserError(attempts
                    + " attempts at temperature 0 are all alike; set a temperature above 0, or attempts" + " to 1");
        }
    }

    /** Whatever a completion says. */
    public Protocol(int attempts, double temperature, @Nullable Integer topK, double topP, int maxTokens, long seed) {
        this(attempts, temperature, topK, topP, maxTokens, seed, List.of());
    }

    /** From all tokens. */
    public Protocol(int attempts, double temperature, double topP, int maxTokens, long seed) {
        this(attempts, temperature, null, topP, maxTokens, seed);
    }

    /** The same with other texts before which completions end. */
    public Protocol withUntil(List<String> texts) {
        return new Protocol(attempts, temperature, topK, topP, maxTokens, seed, texts);
    }

    SolveOptions solveOptions() {
        return new SolveOptions(attempts, temperature, topK == null ? 0 : topK, topP, maxTokens, seed, until);
    }

    /** An empty text would end each completion at once. */
    static void requireTexts(String name, List<String> texts) {
        if (texts.stream().anyMatch(text -> text == null || text.isEmpty())) {
            throw new UserError(name + " holds an empty text; leave it out");
        }
    }

    private static void require(boolean holds, String name, Number value, String expected) {
        if (!holds) {
            throw new UserError(name + " is " + value + ", " + expected + " expected; give another");
        }
    }
}
