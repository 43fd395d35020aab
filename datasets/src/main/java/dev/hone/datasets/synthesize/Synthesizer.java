package dev.hone.datasets.synthesize;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.reference.AnswerKeys;
import dev.hone.datasets.reference.ChatAnswer;
import dev.hone.datasets.reference.ChatRequest;
import dev.hone.datasets.reference.ChatRequest.Message;
import dev.hone.datasets.reference.Consensus;
import dev.hone.datasets.reference.DecisionLog;
import dev.hone.datasets.reference.Made;
import dev.hone.datasets.reference.ReferenceClient;
import dev.hone.datasets.synthesize.SynthesisDecision.Outcome;
import dev.hone.datasets.verify.Verifier;
import dev.hone.datasets.verify.Verifiers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes checkable tasks of ones that are not. A reference model rewrites each task; a variant is kept if its answer does
 * not stand in it, the verifier takes its key and refuses wrong ones near it, it is no near-copy, and solutions drawn
 * without sight of the key agree on it. Every decision is logged; with the client's cache a stopped run goes on without
 * asking anything twice, and the same answers give the same pairs in whatever order they come.
 */
public final class Synthesizer {
    /**
     * How variants are made and proven.
     *
     * @param rewrites the ways tried for each task
     * @param variants of each task and way
     * @param solving how independent solutions are drawn, and how many must agree
     * @param maxSimilarity similarity to other tasks, in (0, 1], above which a variant is a near-copy
     */
    public record Options(List<Rewrite> rewrites, int variants, AnswerKeys.Options solving, double maxSimilarity) {
        public Options {
            rewrites = List.copyOf(rewrites);
            if (rewrites.isEmpty() || variants < 1) {
                throw new UserError("variants is " + variants + " of " + rewrites.size()
                        + " rewrites but must be 1 or more of at least one");
            }
            if (!(maxSimilarity > 0 && maxSimilarity <= 1)) {
                throw new UserError("max_similarity is " + maxSimilarity + " but must be above 0 and at most 1");
            }
        }
    }

    /** A variant that is asked for. */
    private record Order(String id, Question parent, Rewrite rewrite, int variant) {}

    /** What came of an order, and what determines what becomes of it. */
    private record Proposal(Order order, Variant variant, String key) {}

    private final ReferenceClient client;
    private final Options options;
    private final AnswerKeys keys;

    public Synthesizer(ReferenceClient client, Options options) {
        this.client = client;
        this.options = options;
        this.keys = new AnswerKeys(client, options.solving());
    }

    /** How many variants are asked for. */
    public int variants(List<Question> parents) {
        return parents.size() * options.rewrites().size() * options.variants();
    }

    /**
     * Makes and proves the variants of all tasks.
     *
     * @param decided called for each variant once it is decided on
     * @return those kept, in the tasks' order, with an independent solution as their response, and {@code parent}, {@code
     *     rewrite}, {@code agreement} and {@code key_model} in their metadata
     * @throws dev.hone.datasets.UserError where a task names an unknown verifier, or the reference cannot be asked
     */
    public Made run(List<Question> parents, DecisionLog<SynthesisDecision> log, Runnable decided) {
        parents.forEach(parent -> Verifiers.named(parent.verifier()));
        List<Order> orders = orders(parents);
        List<ChatAnswer> replies = client.each(orders, this::reply);
        List<Outcome> outcomes = new ArrayList<>();
        List<Proposal> proposals = screened(parents, orders, replies, log, outcome -> {
            outcomes.add(outcome);
            decided.run();
        });
        List<SynthesisDecision> decisions = client.each(proposals, proposal -> {
            SynthesisDecision decision = log.of(proposal.key()).orElseGet(() -> added(solved(proposal), log));
            decided.run();
            return decision;
        });
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < proposals.size(); i++) {
            outcomes.add(decisions.get(i).outcome());
            if (decisions.get(i).outcome() == Outcome.KEPT) {
                pairs.add(pair(proposals.get(i), decisions.get(i)));
            }
        }
        return Made.of(pairs, outcomes);
    }

    private List<Order> orders(List<Question> parents) {
        List<Order> orders = new ArrayList<>();
        for (Question parent : parents) {
            for (Rewrite rewrite : options.rewrites()) {
                for (int variant = 1; variant <= options.variants(); variant++) {
                    orders.add(
                            new Order(parent.id() + "-" + rewrite.label() + "-" + variant, parent, rewrite, variant));
                }
            }
        }
        return orders;
    }

    private ChatAnswer reply(Order order) {
        String prompt = order.rewrite().prompt(order.parent().prompt(), order.variant());
        AnswerKeys.Options solving = options.solving();
        return client.ask(new ChatRequest(
                        List.of(new Message("user", prompt)),
                        1,
                        solving.temperature(),
                        1,
                        solving.maxTokens(),
                        solving.seed() + order.variant(),
                        false))
                .get(0);
    }

    /** What costs nothing comes first, one after another, so that which of two near-copies stays does not hang on timing. */
    private List<Proposal> screened(
            List<Question> parents,
            List<Order> orders,
            List<ChatAnswer> replies,
            DecisionLog<SynthesisDecision> log,
            Consumer<Outcome> refusals) {
        DiversityGuard guard = new DiversityGuard(options.maxSimilarity());
        parents.forEach(parent -> guard.know(parent.prompt()));
        List<Proposal> proposals = new ArrayList<>();
        for (int i = 0; i < orders.size(); i++) {
            Order order = orders.get(i);
            Variant variant = Variant.of(replies.get(i)).orElse(null);
            Outcome refused = variant == null ? noVariant(replies.get(i)) : refused(order, variant, guard);
            if (variant != null && refused == null) {
                String key = Sha256.of("variant 1", keys.key(question(order, variant)), order.id(), variant.answer());
                proposals.add(new Proposal(order, variant, key));
                continue;
            }
            Outcome outcome = Objects.requireNonNull(refused);
            String key = Sha256.of("refused 1", order.id(), replies.get(i).text(), outcome.name());
            if (log.of(key).isEmpty()) {
                log.add(SynthesisDecision.unsolved(
                        key, order.id(), order.parent().id(), outcome, variant));
            }
            refusals.accept(outcome);
        }
        return proposals;
    }

    private static Outcome noVariant(ChatAnswer reply) {
        return Variant.isDeclined(reply) ? Outcome.IMPOSSIBLE : Outcome.NO_VARIANT;
    }

    private static @Nullable Outcome refused(Order order, Variant variant, DiversityGuard guard) {
        Question question = question(order, variant);
        return GivenAway.isIn(question, variant.answer())
                ? Outcome.GIVES_ANSWER_AWAY
                : !isCheckable(question, variant.answer())
                        ? Outcome.NOT_CHECKABLE
                        : !guard.admit(variant.task()) ? Outcome.NEAR_COPY : null;
    }

    /** A verifier that fails at a wrong answer has not refused it. */
    private static boolean isCheckable(Question question, String key) {
        Verifier verifier = Verifiers.named(question.verifier());
        Pair pair = question.answered(key);
        return verifier.verify(pair, "Answer: " + key).correct()
                && Perturbed.of(key).stream()
                        .map(wrong -> verifier.verify(pair, "Answer: " + wrong))
                        .allMatch(verdict -> verdict.error() == null && !verdict.correct());
    }

    private SynthesisDecision solved(Proposal proposal) {
        Question question = question(proposal.order(), proposal.variant());
        Consensus consensus = keys.consensus(question);
        String majority = consensus.answer();
        boolean agreed =
                majority != null && consensus.agreement() >= options.solving().threshold();
        Outcome outcome = !agreed
                ? Outcome.NO_AGREEMENT
                : Verifiers.named(question.verifier())
                                .verify(question.answered(proposal.variant().answer()), "Answer: " + majority)
                                .correct()
                        ? Outcome.KEPT
                        : Outcome.OTHER_ANSWER;
        return new SynthesisDecision(
                proposal.key(),
                question.id(),
                proposal.order().parent().id(),
                outcome,
                question.prompt(),
                proposal.variant().answer(),
                consensus.agreement(),
                majority,
                consensus.solution());
    }

    private static SynthesisDecision added(SynthesisDecision decision, DecisionLog<SynthesisDecision> log) {
        log.add(decision);
        return decision;
    }

    private static Question question(Order order, Variant variant) {
        Question parent = order.parent();
        return new Question(order.id(), parent.domain(), variant.task(), parent.verifier(), parent.metadata());
    }

    private Pair pair(Proposal proposal, SynthesisDecision decision) {
        Order order = proposal.order();
        Map<String, Object> provenance = new LinkedHashMap<>(order.parent().metadata());
        provenance.put("parent", order.parent().id());
        provenance.put("rewrite", order.rewrite().label());
        provenance.put("agreement", decision.agreement());
        provenance.put("key_model", client.endpoint().model());
        return new Pair(
                order.id(),
                order.parent().domain(),
                proposal.variant().task() + "\n",
                proposal.variant().answer(),
                decision.solution(),
                order.parent().verifier(),
                provenance);
    }
}
