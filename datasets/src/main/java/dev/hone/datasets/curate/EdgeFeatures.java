package dev.hone.datasets.curate;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifier;
import dev.hone.datasets.verify.Verifiers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a pair stands to what a model can do. Answers are the same where the pair's verifier says so, not where their
 * texts are; attempts without an answer are one kind of answer, "none".
 *
 * @param attempts how many were made
 * @param passRate share of them that is correct
 * @param meanLogprob mean log-probability of a token, averaged over the attempts; NaN where a served model does not tell
 * @param answerEntropy entropy of the answers in nats: 0 where all agree, ln(attempts) where none do
 * @param selfConsistency share of the attempts that give the most frequent answer (Wang et al. 2023); 0 where none gives
 *     any
 * @param divergence share of the attempts that give another answer than the key
 * @param baseAnswer the most frequent answer where that is not the key's; null where it is, or there is none
 */
public record EdgeFeatures(
        int attempts,
        double passRate,
        double meanLogprob,
        double answerEntropy,
        double selfConsistency,
        double divergence,
        @Nullable String baseAnswer) {

    /** Answers that are the same: the first of them and how many there are. */
    private static final class Kind {
        private final String answer;
        private final String completion;
        private final boolean correct;
        private int count = 1;

        Kind(String answer, String completion, boolean correct) {
            this.answer = answer;
            this.completion = completion;
            this.correct = correct;
        }
    }

    /** @param verdicts on the attempts, in their order; none of them a verifier's failure */
    static EdgeFeatures of(Pair pair, List<Attempt> attempts, List<Verdict> verdicts) {
        Verifier verifier = Verifiers.named(pair.verifier());
        List<Kind> kinds = new ArrayList<>();
        int correct = 0;
        int none = 0;
        double logprobs = 0;
        for (int i = 0; i < attempts.size(); i++) {
            Verdict verdict = verdicts.get(i);
            logprobs += attempts.get(i).meanLogprob();
            correct += verdict.correct() ? 1 : 0;
            String answer =
                    verdict.extracted() == null ? "" : verdict.extracted().strip();
            if (!verdict.correct() && answer.isEmpty()) {
                none++;
                continue;
            }
            Kind same = same(kinds, answer, attempts.get(i).text(), verdict.correct(), verifier, pair);
            if (same == null) {
                kinds.add(new Kind(answer, attempts.get(i).text(), verdict.correct()));
            } else {
                same.count++;
            }
        }
        int all = attempts.size();
        double entropy = entropyTerm(none, all);
        @Nullable Kind most = null;
        for (Kind kind : kinds) {
            entropy += entropyTerm(kind.count, all);
            most = most == null || kind.count > most.count ? kind : most;
        }
        return new EdgeFeatures(
                all,
                (double) correct / all,
                logprobs / all,
                entropy,
                most == null ? 0 : (double) most.count / all,
                (double) (all - correct - none) / all,
                most == null || most.correct ? null : most.answer);
    }

    private static @Nullable Kind same(
            List<Kind> kinds, String answer, String completion, boolean correct, Verifier verifier, Pair pair) {
        for (Kind kind : kinds) {
            if (correct || kind.correct) {
                // All that the verifier accepts is the key.
                if (correct && kind.correct) {
                    return kind;
                }
            } else if (kind.answer.equals(answer)
                    || kind.completion.equals(completion)
                    || (verifier.comparesAnswers() && agrees(verifier, pair, kind.answer, completion))) {
                return kind;
            }
        }
        return null;
    }

    private static boolean agrees(Verifier verifier, Pair pair, String key, String completion) {
        Verdict verdict = verifier.verify(
                new Pair(pair.id(), pair.domain(), pair.prompt(), key, null, pair.verifier(), pair.metadata()),
                completion);
        return verdict.error() == null && verdict.correct();
    }

    private static double entropyTerm(int count, int all) {
        double share = (double) count / all;
        return count == 0 || count == all ? 0 : -share * Math.log(share);
    }

    /** The pair with these in its metadata. */
    Pair on(Pair pair) {
        Pair measured = pair.withMetadata("attempts", attempts)
                .withMetadata("pass_rate", passRate)
                .withMetadata("answer_entropy", answerEntropy)
                .withMetadata("self_consistency", selfConsistency)
                .withMetadata("divergence", divergence);
        // Served models need not tell their log-probabilities.
        Pair told = Double.isNaN(meanLogprob) ? measured : measured.withMetadata("mean_logprob", meanLogprob);
        return baseAnswer == null ? told : told.withMetadata("base_answer", baseAnswer);
    }
}
