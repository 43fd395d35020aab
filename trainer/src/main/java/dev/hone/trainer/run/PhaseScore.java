package dev.hone.trainer.run;

import dev.hone.benchmarks.EvalResult;

/**
 * A domain's accuracy after a phase, with its 95% interval.
 *
 * @param name the phase: base, a domain's name, sft, scale or rl
 * @param n problems
 */
public record PhaseScore(String name, String domain, double accuracy, double low, double high, int n) {

    public static PhaseScore of(String phase, EvalResult result) {
        return new PhaseScore(
                phase,
                result.domain(),
                result.accuracy(),
                result.interval().low(),
                result.interval().high(),
                result.n());
    }
}
