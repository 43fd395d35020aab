package dev.hone.datasets.pairs;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * How the fields of some JSONL file become a pair.
 *
 * @param prompt the field of the prompt
 * @param answer the field of the answer key
 * @param answerAfter the key is what follows the last of these in its field, such as {@code ####}; null takes it whole
 * @param response the field of the worked response; null where there is none
 * @param template the text the model sees; <code>{prompt}</code> stands for the prompt's field
 * @param domain the domain of every pair
 * @param verifier the verifier of every pair
 */
public record FieldMapping(
        String prompt,
        String answer,
        @Nullable String answerAfter,
        @Nullable String response,
        String template,
        String domain,
        String verifier) {

    /** The form of GSM8K: the key follows {@code ####} at the end of the worked solution. */
    public static FieldMapping gsm8k() {
        return new FieldMapping("question", "answer", "####", "answer", "{prompt}\n", "math", "math");
    }

    Pair pair(JsonNode node, String id, String source) {
        return new Pair(
                id,
                domain,
                template.replace("{prompt}", PairJson.text(node, prompt)),
                key(PairJson.text(node, answer)),
                response == null ? null : PairJson.text(node, response),
                verifier,
                Map.of("source", source));
    }

    private String key(String text) {
        if (answerAfter == null) {
            return text;
        }
        int mark = text.lastIndexOf(answerAfter);
        String key = mark < 0 ? "" : text.substring(mark + answerAfter.length()).strip();
        if (key.isEmpty()) {
            throw new MalformedPair(
                    "no answer after \"%s\" in field \"%s\"; add it, or change the recipe's answer_after"
                            .formatted(answerAfter, answer));
        }
        return key;
    }
}
