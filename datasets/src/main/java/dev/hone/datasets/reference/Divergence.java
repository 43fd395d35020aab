package dev.hone.datasets.reference;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifier;
import dev.hone.datasets.verify.Verifiers;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a base model is from an answer key.
 *
 * @param rate share of its attempts whose answer is not the key; attempts on which the verifier failed do not count
 * @param judged attempts that count
 * @param answer what the base model answers most often; null where it never gives an answer
 * @param confident share of the attempts that give that answer: near 1 with a high rate, the base is sure and wrong
 */
public record Divergence(double rate, int judged, @Nullable String answer, double confident) {

    public static Divergence of(Pair pair, List<Attempt> attempts) {
        Verifier verifier = Verifiers.named(pair.verifier());
        List<Verdict> verdicts = attempts.stream()
                .map(attempt -> verifier.verify(pair, attempt.text()))
                .filter(verdict -> verdict.error() == null)
                .toList();
        long wrong = verdicts.stream().filter(verdict -> !verdict.correct()).count();
        Consensus consensus = Consensus.of(
                new Question(pair.id(), pair.domain(), pair.prompt(), pair.verifier(), pair.metadata()),
                attempts.stream().map(Attempt::text).toList());
        return new Divergence(
                verdicts.isEmpty() ? 0 : (double) wrong / verdicts.size(),
                verdicts.size(),
                consensus.answer(),
                consensus.agreement());
    }

    /** The pair with {@code divergence} and {@code base_answer} in its metadata. */
    public Pair on(Pair pair) {
        Pair measured = pair.withMetadata("divergence", rate);
        return answer == null ? measured : measured.withMetadata("base_answer", answer);
    }
}
