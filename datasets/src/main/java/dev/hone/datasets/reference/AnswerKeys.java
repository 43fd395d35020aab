package dev.hone.datasets.reference;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairJson;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.reference.ChatRequest.Message;
import dev.hone.datasets.reference.KeyDecision.Outcome;
import dev.hone.datasets.verify.Verifiers;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

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

    /** What determines the consensus on a question: the reference, all it is asked, and what compares its answers. */
    public String key(Question question) {
        return Sha256.of(
                "consensus 1",
                client.endpoint().address().toString(),
                client.endpoint().model(),
                question.prompt(),
                question.verifier(),
                PairJson.mapper().writeValueAsString(new TreeMap<>(question.metadata())),
                options.toString());
    }

    /**
     * Decides on each question; what the log already holds is not asked again.
     *
     * @param decided called after each question
     * @return those of {@link #made}
     * @throws dev.hone.datasets.UserError where a question names an unknown verifier, or the reference cannot be asked
     */
    public Made make(List<Question> questions, DecisionLog<KeyDecision> log, Runnable decided) {
        // An unknown verifier is found before anything is paid for.
        questions.forEach(question -> Verifiers.named(question.verifier()));
        client.each(questions, question -> {
            String key = key(question);
            if (log.of(key).isEmpty()) {
                log.add(KeyDecision.of(key, question.id(), consensus(question), options.threshold()));
            }
            decided.run();
            return key;
        });
        return made(questions, log);
    }

    /**
     * The pairs that got a key, as far as the log has decided, in the questions' order: with the reference's solution as
     * their response, and {@code agreement} and {@code key_model} in their metadata.
     */
    public Made made(List<Question> questions, DecisionLog<KeyDecision> log) {
        List<Pair> pairs = new ArrayList<>();
        List<Outcome> outcomes = new ArrayList<>();
        for (Question question : questions) {
            log.of(key(question)).ifPresent(decision -> {
                outcomes.add(decision.outcome());
                if (decision.outcome() == Outcome.KEYED) {
                    pairs.add(question.answered(Objects.requireNonNull(decision.answer()))
                            .withResponse(Objects.requireNonNull(decision.solution()))
                            .withMetadata("agreement", decision.agreement())
                            .withMetadata("key_model", client.endpoint().model()));
                }
            });
        }
        return Made.of(pairs, outcomes);
    }
}
