package dev.hone.datasets.reference;

import dev.hone.datasets.Resources;
import dev.hone.datasets.Sha256;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.reference.ChatRequest.Message;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Has a served model grade how a solution reasons, given the key and its worked response. A model's opinion, unlike a
 * verifier's verdict: it is recorded, it drops nothing.
 */
public final class RationaleJudge {
    /** The last line, bold or not; nothing else may stand on it. */
    private static final Pattern SCORE = Pattern.compile("\\**[Ss]core:\\**\\s*(10|[0-9])(?:\\s*/\\s*10)?\\s*\\**\\.?");

    private static final String PROMPT = Resources.text(RationaleJudge.class, "rationale-judge.txt");
    private static final String NO_REFERENCE = "(none is known)";

    private final ReferenceClient client;
    private final int maxTokens;

    /** @param maxTokens longest grading */
    public RationaleJudge(ReferenceClient client, int maxTokens) {
        this.client = client;
        this.maxTokens = maxTokens;
    }

    /**
     * What the judge said.
     *
     * @param score from 0 to 1; null where it gave none as it was asked to, or was cut off
     * @param text all it said
     */
    public record Opinion(@Nullable Double score, String text) {
        static Opinion of(ChatAnswer answer) {
            String text = answer.text().strip();
            Matcher score =
                    SCORE.matcher(text.substring(text.lastIndexOf('\n') + 1).strip());
            return new Opinion(
                    answer.finished() && score.matches() ? Integer.parseInt(score.group(1)) / 10.0 : null, text);
        }
    }

    /**
     * Grades the reasoning of a solution, greedily, so that the same solution is graded alike.
     *
     * @throws dev.hone.datasets.UserError where the judge cannot be asked
     */
    public Opinion grade(Pair pair, String solution) {
        return Opinion.of(client.ask(request(pair, solution)).get(0));
    }

    /** What determines an opinion: which model is asked what. */
    String key(Pair pair, String solution) {
        ChatRequest request = request(pair, solution);
        return Sha256.of(
                "opinion 1",
                client.endpoint().address().toString(),
                client.endpoint().model(),
                request.messages().get(0).content(),
                Integer.toString(maxTokens));
    }

    String model() {
        return client.endpoint().model();
    }

    ReferenceClient client() {
        return client;
    }

    private ChatRequest request(Pair pair, String solution) {
        String reference = Objects.requireNonNullElse(pair.response(), NO_REFERENCE);
        String prompt = MarkedPrompt.of(
                PROMPT,
                Map.of(
                        "problem", pair.prompt().strip(),
                        "answer", pair.answer(),
                        "reference", reference.strip(),
                        "solution", solution.strip()));
        return new ChatRequest(List.of(new Message("user", prompt)), 1, 0, 1, maxTokens, 0, false);
    }
}
