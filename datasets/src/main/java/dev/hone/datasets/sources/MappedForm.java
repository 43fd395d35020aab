package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairJson;
import dev.hone.datasets.verify.Verifiers;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Makes pairs of rows that are not pairs.
 *
 * @param exchange what a row says
 * @param answerAfter the key is what follows the last of these in the key's field, or in the response where there is
 *     no such field; null takes the field whole, and of a response its marked answer
 * @param template the text the model sees; <code>{prompt}</code> stands for what is asked
 * @param domain the domain of every pair
 * @param verifier the verifier of every pair
 */
record MappedForm(
        Function<JsonNode, Exchange> exchange,
        @Nullable String answerAfter,
        String template,
        String domain,
        String verifier)
        implements RowForm {

    MappedForm {
        Verifiers.named(verifier);
    }

    @Override
    public Pair pair(JsonNode row, String id, String source) {
        Exchange said = exchange.apply(row);
        String prompt = template.replace("{prompt}", PairJson.writable("prompt", said.prompt()));
        String response = said.response() == null ? null : PairJson.writable("response", said.response());
        String key = PairJson.writable("answer", key(said));
        return new Pair(id, domain, prompt, key, response, verifier, Map.of("source", source), said.chat());
    }

    private String key(Exchange said) {
        String text = said.key() != null ? said.key() : said.response();
        if (text == null || text.isBlank()) {
            throw new MalformedPair(Kind.MISSING, "has no answer; give it one");
        }
        if (answerAfter != null) {
            return AnswerKey.after(answerAfter, text, said.key() != null ? "answer" : "response");
        }
        return said.key() != null ? text : AnswerKey.of(text);
    }
}
