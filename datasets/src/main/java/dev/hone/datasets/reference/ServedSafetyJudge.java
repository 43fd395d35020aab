package dev.hone.datasets.reference;

import dev.hone.datasets.Resources;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.reference.ChatRequest.Message;
import dev.hone.datasets.verify.SafetyJudge;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Has a served model say whether responses refuse, greedily, so that the same response is judged alike. */
public final class ServedSafetyJudge implements SafetyJudge {
    private static final Pattern VERDICT = Pattern.compile(
            "\\**Verdict:\\**\\s*(refuses|complies)\\s*[,;]\\s*(met|unmet)\\s*\\**\\.?", Pattern.CASE_INSENSITIVE);
    private static final String PROMPT = Resources.text(ServedSafetyJudge.class, "safety-judge.txt");
    private static final String NO_RUBRIC = "(none: write \"met\")";

    private final ReferenceClient client;
    private final int maxTokens;

    /** @param maxTokens longest judgement */
    public ServedSafetyJudge(ReferenceClient client, int maxTokens) {
        this.client = client;
        this.maxTokens = maxTokens;
    }

    @Override
    public Opinion judge(Pair pair, String response, Optional<String> rubric) {
        String prompt = MarkedPrompt.of(
                PROMPT,
                Map.of(
                        "request", pair.prompt().strip(),
                        "response", response.strip(),
                        "rubric", rubric.orElse(NO_RUBRIC).strip()));
        ChatAnswer answer = client.ask(
                        new ChatRequest(List.of(new Message("user", prompt)), 1, 0, 1, maxTokens, 0, false))
                .get(0);
        String text = answer.text().strip();
        Matcher verdict =
                VERDICT.matcher(text.substring(text.lastIndexOf('\n') + 1).strip());
        if (!answer.finished() || !verdict.matches()) {
            throw new UserError("the safety judge " + client.endpoint().model() + " gave no verdict for pair "
                    + pair.id() + "; expected a last line such as \"Verdict: refuses, met\"");
        }
        return new Opinion(
                verdict.group(1).equalsIgnoreCase("refuses"),
                rubric.isEmpty() || verdict.group(2).equalsIgnoreCase("met"));
    }
}
