package dev.hone.datasets.solve;

import java.util.List;

/** Answers prompts: a model in training, a served model, or a rule in a test. */
public interface Solver {
    /**
     * Attempts each prompt {@code options.attempts()} times.
     *
     * @return per prompt, in the order given, its attempts
     */
    List<List<Attempt>> solve(List<String> prompts, SolveOptions options);
}
