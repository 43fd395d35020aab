package dev.hone.trainer.rl;

import dev.hone.trainer.generate.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * Completions of one round, whose judgement is under way.
 *
 * @param place of the round among all rounds of the run
 * @param completions {@code [prompts][numGenerations]}
 * @param judged the same completions in one row
 */
record Drawn(long place, List<List<Completion>> completions, List<Future<Rollout>> judged) {

    /** Waits until all are judged. */
    List<Rollout> await() {
        List<Rollout> rollouts = new ArrayList<>(judged.size());
        try {
            for (Future<Rollout> one : judged) {
                rollouts.add(one.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while completions were judged", e);
        } catch (ExecutionException e) {
            // A reward's own faults are in its score: this is ours.
            throw new IllegalStateException("cannot judge a completion", e.getCause());
        }
        return rollouts;
    }
}
