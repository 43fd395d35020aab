package dev.hone.datasets.solve;

import dev.hone.datasets.pairs.Asked;
import java.util.List;

/** Answers prompts: a model in training, a served model, or a rule in a test. */
public interface Solver {
    /**
     * Attempts each prompt {@code options.attempts()} times.
     *
     * @return per prompt, in the order given, its attempts
     */
    List<List<Attempt>> solve(List<Asked> prompts, SolveOptions options);

    /** Takes attempts as they are made, one at a time. */
    @FunctionalInterface
    interface Listener {
        /**
         * @param ask place of what was asked in the list given
         * @param number of the attempt at its prompt, from 0
         */
        void made(int ask, int number, Attempt attempt);
    }

    /**
     * Makes single attempts out of {@code options.attempts()} at each prompt, the same as {@link #solve(List, SolveOptions)}
     * makes, and hands each on as soon as there is one. This one makes all at once, then hands on what was asked for.
     */
    default void solve(List<Ask> asks, SolveOptions options, Listener listener) {
        List<List<Attempt>> attempts = solve(asks.stream().map(Ask::prompt).toList(), options);
        if (attempts.size() != asks.size()) {
            throw new IllegalStateException(
                    "The solver attempted %d of %d prompts".formatted(attempts.size(), asks.size()));
        }
        for (int i = 0; i < asks.size(); i++) {
            for (int number : asks.get(i).attempts()) {
                if (number >= attempts.get(i).size()) {
                    throw new IllegalStateException("The solver made %d of %d attempts at a prompt"
                            .formatted(attempts.get(i).size(), options.attempts()));
                }
                listener.made(i, number, attempts.get(i).get(number));
            }
        }
    }
}
