package dev.hone.datasets.reference;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.reference.ChatRequest.Message;
import dev.hone.datasets.reference.KeyDecision.Outcome;
import dev.hone.datasets.verify.Verifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Makes answer keys: a reference model answers each question {@code n} times, and what at least a threshold of the
 * answers agree on is the key. Questions without such agreement get none.
 */
public final class AnswerKeys {
    /** Follows each question, so that the verifiers find the final answer. */
    static final String FORM =
            "\n\nThink it through, then end with a line that is \"Answer: \" and the final answer alone.";

    /**
     * How keys are made.
     *
     * @param answers asked for each question
     * @param threshold share of them that must agree, in (0, 1]
     * @param temperature of sampling; agreement means little at 0
     * @param maxTokens longest answer
     * @param seed of the sampling
     */
    public record Options(int answers, double threshold, double temperature, int maxTokens, long seed) {
        public Options {
            if (answers < 1 || maxTokens < 1) {
                throw new UserError(
                        "answers is " + answers + ", max_tokens " + maxTokens + " but both must be 1 or more");
            }
            if (!(threshold > 0 && threshold <= 1) || !(temperature >= 0)) {
                throw new UserError("agreement is " + threshold + ", temperature " + temperature
                        + " but they must be above 0 and at most 1, and 0 or more");
            }
        }
    }

    private final ReferenceClient client;
    private final Options options;

    public AnswerKeys(ReferenceClient client, Options options) {
        this.client = client;
        this.options = options;
    }

    /** What several answers to a question agree on. */
    public Consensus consensus(Question question) {
        ChatRequest request = new ChatRequest(
                List.of(new Message("user", question.prompt().strip() + FORM)),
                options.answers(),
                options.temperature(),
                1,
                options.maxTokens(),
                options.seed(),
                false);
        return Consensus.of(
                question, client.ask(request).stream().map(ChatAnswer::text).toList());
    }

    /**
     * Decides on each question; those that the log already holds are not asked again.
     *
     * @return the pairs that got a key, in the questions' order, with {@code agreement} and {@code key_model} in their
     *     metadata
     * @throws dev.hone.datasets.UserError where a question names an unknown verifier, or the reference cannot be asked
     */
    public List<Pair> make(List<Question> questions, DecisionLog<KeyDecision> log) {
        // An unknown verifier is found before anything is paid for.
        questions.forEach(question -> Verifiers.named(question.verifier()));
        List<KeyDecision> decisions = client.each(
                questions,
                question -> log.of(question.id()).orElseGet(() -> {
                    KeyDecision decision = KeyDecision.of(question.id(), consensus(question), options.threshold());
                    log.add(decision);
                    return decision;
                }));
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            KeyDecision decision = decisions.get(i);
            if (decision.outcome() == Outcome.KEYED) {
                pairs.add(questions
                        .get(i)
                        .answered(Objects.requireNonNull(decision.answer()))
                        .withMetadata("agreement", decision.agreement())
                        .withMetadata("key_model", client.endpoint().model()));
            }
        }
        return pairs;
    }
}
