package dev.hone.datasets.reference;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.PairJson;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifier;
import dev.hone.datasets.verify.Verifiers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What several answers to one question agree on (Wang et al. 2023, self-consistency). Answers are the same where the
 * question's verifier says so, not where their texts are.
 *
 * @param answer the one most often given, null where none gave any; the first among equals
 * @param votes how many gave it
 * @param answers how many were asked for, those without a final answer included
 * @param distinct how many different final answers there are
 * @param solution the first completion that gives it; null where none gave any
 */
public record Consensus(
        @Nullable String answer,
        int votes,
        int answers,
        int distinct,
        @Nullable String solution) {

    /** Any key with which every verifier says what a completion's answer is. */
    private static final String SOME_KEY = "A";

    /** Share of all answers that agree. */
    public double agreement() {
        return answers == 0 ? 0 : (double) votes / answers;
    }

    public static Consensus of(Question question, List<String> completions) {
        Verifier verifier = Verifiers.named(question.verifier());
        List<String> candidates = new ArrayList<>();
        List<Integer> votes = new ArrayList<>();
        List<String> solutions = new ArrayList<>();
        for (String completion : completions) {
            String answer =
                    verifier.verify(question.answered(SOME_KEY), completion).extracted();
            if (answer == null || answer.isBlank() || !isWritable(completion)) {
                continue;
            }
            int same = 0;
            while (same < candidates.size() && !agrees(verifier, question, candidates.get(same), completion)) {
                same++;
            }
            if (same == candidates.size()) {
                candidates.add(answer.strip());
                votes.add(0);
                solutions.add(completion);
            }
            votes.set(same, votes.get(same) + 1);
        }
        int best = 0;
        for (int i = 1; i < votes.size(); i++) {
            best = votes.get(i) > votes.get(best) ? i : best;
        }
        return candidates.isEmpty()
                ? new Consensus(null, 0, completions.size(), 0, null)
                : new Consensus(
                        candidates.get(best),
                        votes.get(best),
                        completions.size(),
                        candidates.size(),
                        solutions.get(best));
    }

    /** A server can send what no pair may hold. */
    private static boolean isWritable(String completion) {
        try {
            PairJson.writable("completion", completion);
            return true;
        } catch (MalformedPair e) {
            return false;
        }
    }

    private static boolean agrees(Verifier verifier, Question question, String key, String completion) {
        Verdict verdict = verifier.verify(question.answered(key), completion);
        return verdict.error() == null && verdict.correct();
    }
}
