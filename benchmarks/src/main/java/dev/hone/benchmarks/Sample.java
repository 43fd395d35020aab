package dev.hone.benchmarks;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.verify.FollowedInstruction;
import dev.hone.datasets.verify.Verdict;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at one problem, as a line of samples/*.jsonl.
 *
 * @param attempt counts from 0
 * @param prompt what was asked, after its examples where there were any
 * @param extracted the answer found in the completion; null when there is none
 * @param error what went wrong in the verifier itself; null when nothing did
 * @param tokens of the completion
 * @param logprob mean log-probability of the completion's tokens
 * @param finished whether the completion ended by itself, not at the limit
 * @param instructions how each was followed, where the problem has instructions; left out where it has none
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
        boolean finished,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<FollowedInstruction> instructions) {

    Sample {
        // Logs of problems without instructions have none.
        instructions = instructions == null ? List.of() : List.copyOf(instructions);
    }

    static Sample of(
            Pair pair,
            String prompt,
            int number,
            Attempt attempt,
            Verdict verdict,
            List<FollowedInstruction> instructions) {
        return new Sample(
                pair.id(),
                number,
                prompt,
                attempt.text(),
                pair.answer(),
                verdict.extracted(),
                verdict.correct(),
                verdict.error(),
                attempt.tokens(),
                attempt.meanLogprob(),
                attempt.finished(),
                instructions);
    }
}
