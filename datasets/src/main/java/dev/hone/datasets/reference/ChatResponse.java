package dev.hone.datasets.reference;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a server answered. */
record ChatResponse(List<ChatAnswer> answers, Usage usage) {
    ChatResponse {
        answers = List.copyOf(answers);
    }

    /** @throws IllegalArgumentException where it is not what the API promises */
    static ChatResponse of(JsonNode node) {
        JsonNode choices = node.path("choices");
        if (!choices.isArray() || choices.isEmpty()) {
            throw new IllegalArgumentException("no \"choices\"");
        }
        List<ChatAnswer> answers = new ArrayList<>();
        for (JsonNode choice : choices) {
            JsonNode content = choice.path("message").path("content");
            if (!content.isString() && !content.isNull()) {
                throw new IllegalArgumentException("no \"message.content\" in a choice");
            }
            JsonNode tokens = choice.path("logprobs").path("content");
            answers.add(new ChatAnswer(
                    content.asString(""),
                    choice.path("finish_reason").asString("").equals("stop"),
                    meanLogprob(tokens),
                    tokens.size()));
        }
        JsonNode usage = node.path("usage");
        return new ChatResponse(
                answers,
                new Usage(
                        usage.path("prompt_tokens").asLong(0),
                        usage.path("completion_tokens").asLong(0)));
    }

    private static @Nullable Double meanLogprob(JsonNode tokens) {
        double sum = 0;
        for (JsonNode token : tokens) {
            sum += token.path("logprob").asDouble(0);
        }
        return tokens.isEmpty() ? null : (Double) (sum / tokens.size());
    }
}
