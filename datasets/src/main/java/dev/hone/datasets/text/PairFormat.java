package dev.hone.datasets.text;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.pairs.Chat;
import dev.hone.datasets.pairs.Pair;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a model reads pairs: as conversations written by its chat template, or as plain text with an end-of-text token.
 * Safe for use by several threads.
 */
public final class PairFormat implements AutoCloseable {
    private static final String PROBE = "answer";

    private final Tokenizer tokenizer;
    private final @Nullable ChatTemplate template;
    private final boolean wrapsText;
    private final Set<Integer> stopTokens;

    private PairFormat(
            Tokenizer tokenizer, @Nullable ChatTemplate template, boolean wrapsText, Set<Integer> stopTokens) {
        this.tokenizer = tokenizer;
        this.template = template;
        this.wrapsText = wrapsText;
        this.stopTokens = Set.copyOf(stopTokens);
    }

    /** Plain text: what begins texts, a pair's prompt, its response, end-of-text. */
    public static PairFormat plain(Tokenizer tokenizer) {
        return new PairFormat(tokenizer, null, false, Set.of(tokenizer.endOfText()));
    }

    /**
     * Plain text, for a model whose answers may end otherwise too.
     *
     * @param stopTokens any of which ends an answer
     */
    public static PairFormat plain(Tokenizer tokenizer, Set<Integer> stopTokens) {
        return new PairFormat(tokenizer, null, false, stopTokens);
    }

    /**
     * By a chat template. What the template writes after an answer ends answers too.
     *
     * @param template closed with the format; the tokenizer stays the caller's
     * @param wrapsText whether the prompt of a pair that is no conversation is the message of a user; else such pairs
     *     are plain text
     * @param stopTokens any of which ends an answer
     */
    public static PairFormat chat(
            Tokenizer tokenizer, ChatTemplate template, boolean wrapsText, Set<Integer> stopTokens) {
        Set<Integer> ends = new HashSet<>(stopTokens);
        endOfTurn(tokenizer, template).ifPresent(ends::add);
        return new PairFormat(tokenizer, template, wrapsText, ends);
    }

    /** The special token that stands after an answer, where the template writes one. */
    private static OptionalInt endOfTurn(Tokenizer tokenizer, ChatTemplate template) {
        String text;
        try {
            text = template.render(Chat.user("question").with(Chat.message("assistant", PROBE)), false);
        } catch (UserError e) {
            // A template for other conversations: what the model's files name must do.
            return OptionalInt.empty();
        }
        int end = text.lastIndexOf(PROBE);
        return end < 0
                ? OptionalInt.empty()
                : tokenizer.leadingAdded(text.substring(end + PROBE.length()).stripLeading());
    }

    /** The same for what reads pairs the same, and no other. */
    public String identity() {
        return template == null
                ? "plain" + tokenizer.beginningOfText()
                : (wrapsText ? "all by " : "conversations by ") + template.identity();
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /** The tokens any of which ends an answer. */
    public Set<Integer> stopTokens() {
        return stopTokens;
    }

    /** What is asked, up to where the model goes on. */
    public int[] prompt(Asked asked) {
        return template != null && isChat(asked)
                ? tokenizer.encode(template.render(asked.messages(), true))
                : tokenizer.encodeFromBeginning(asked.text());
    }

    /**
     * A pair to train on, weighed by {@link Pair#LOSS_WEIGHT}.
     *
     * @throws UserError where it has no response, its weight is none, or the template refuses it
     */
    public TokenizedPair tokenize(Pair pair, LossMask mask) {
        if (pair.response() == null) {
            throw new UserError(
                    "Pair " + pair.id() + " has no response to train on; give it one or leave the pair out");
        }
        if (template == null || !isChat(pair.asked())) {
            return tokenizer
                    .tokenize(pair.id(), pair.prompt(), pair.response(), mask)
                    .withWeight(weight(pair));
        }
        return tokenize(pair.id(), template, pair.answered(), mask).withWeight(weight(pair));
    }

    private static float weight(Pair pair) {
        Object weight = pair.metadata().getOrDefault(Pair.LOSS_WEIGHT, 1);
        if (weight instanceof Number number
                && number.floatValue() > 0
                && number.floatValue() < Float.POSITIVE_INFINITY) {
            return number.floatValue();
        }
        throw new UserError("Pair " + pair.id() + " has the " + Pair.LOSS_WEIGHT + " " + weight
                + " in its metadata; make it a number above 0, or leave it out");
    }

    /** Something asked with a response to it, to train on. Throws {@link UserError} where the template refuses it. */
    public TokenizedPair tokenize(String id, Asked asked, String response, LossMask mask) {
        return template == null || !isChat(asked)
                ? tokenizer.tokenize(id, asked.text(), response, mask)
                : tokenize(id, template, asked.messages().with(Chat.message("assistant", response)), mask);
    }

    private TokenizedPair tokenize(String id, ChatTemplate writer, Chat chat, LossMask mask) {
        try {
            return writer.tokenize(tokenizer, id, chat, mask);
        } catch (UserError e) {
            throw new UserError("Pair " + id + ": " + e.getMessage(), e);
        }
    }

    /** All pairs, in their order; on all processors, since a template takes milliseconds. */
    public List<TokenizedPair> tokenize(List<Pair> pairs, LossMask mask) {
        return pairs.parallelStream().map(pair -> tokenize(pair, mask)).toList();
    }

    /** Tokens of a pair: of its prompt, and of its response where it has one. */
    public int length(Pair pair) {
        return pair.response() == null
                ? prompt(pair.asked()).length
                : tokenize(pair, LossMask.ASSISTANT).length();
    }

    private boolean isChat(Asked asked) {
        return wrapsText || asked.chat() != null;
    }

    @Override
    public void close() {
        if (template != null) {
            template.close();
        }
    }
}
