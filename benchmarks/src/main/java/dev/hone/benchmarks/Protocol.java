package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import dev.hone.datasets.solve.SolveOptions;

/**
 * How a benchmark is answered.
 *
 * @param attempts at each problem: k of avg@k
 * @param temperature 0 takes the likeliest token
 * @param topP 1 is off
 * @param maxTokens of a completion
 */
public record Protocol(int attempts, double temperature, double topP, int maxTokens, long seed) {

    public Protocol {
        require(attempts >= 1, "attempts", attempts, "at least 1");
        require(temperature >= 0, "temperature", temperature, "at least 0");
        require(topP > 0 && topP <= 1, "topP", topP, "above 0 and at most 1");
        require(maxTokens >= 1, "maxTokens", maxTokens, "at least 1");
        if (attempts > 1 && temperature == 0) {
            throw new UserError(attempts
                    + " attempts at temperature 0 are all alike; set a temperature above 0, or attempts" + " to 1");
        }
    }

    SolveOptions solveOptions() {
        return new SolveOptions(attempts, temperature, topP, maxTokens, seed);
    }

    private static void require(boolean holds, String name, Number value, String expected) {
        if (!holds) {
            throw new UserError("The protocol's " + name + " is " + value + ", " + expected
                    + " expected; change it in the" + " recipe");
        }
    }
}
