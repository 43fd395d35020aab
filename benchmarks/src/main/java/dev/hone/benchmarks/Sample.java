package dev.hone.benchmarks;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.verify.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at one problem, as a line of samples/*.jsonl.
 *
 * @param attempt counts from 0
 * @param extracted the answer found in the completion; null when there is none
 * @param error what went wrong in the verifier itself; null when nothing did
 * @param tokens of the completion
 * @param logprob mean log-probability of the completion's tokens
 * @param finished whether the completion ended by itself, not at the limit
 */
record Sample(
        String id,
        int attempt,
        String prompt,
        String completion,
        String answer,
        @Nullable String extracted,
        boolean correct,
        @Nullable String error,
        int tokens,
        double logprob,
        boolean finished) {

    static Sample of(Pair pair, int number, Attempt attempt, Verdict verdict) {
        return new Sample(
                pair.id(),
                number,
                pair.prompt(),
                attempt.text(),
                pair.answer(),
                verdict.extracted(),
                verdict.correct(),
                verdict.error(),
                attempt.tokens(),
                attempt.meanLogprob(),
                attempt.finished());
    }
}
