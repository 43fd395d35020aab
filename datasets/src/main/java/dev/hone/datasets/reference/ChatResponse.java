package dev.hone.datasets.reference;

import dev.hone.datasets.reference.Endpoint.Api;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** What a server answered. */
record ChatResponse(List<ChatAnswer> answers, Usage usage) {
    ChatResponse {
        answers = List.copyOf(answers);
    }

    /** @throws IllegalArgumentException where it is not what the API promises */
    static ChatResponse of(JsonNode node, Api api) {
        JsonNode choices = node.path("choices");
        if (!choices.isArray() || choices.isEmpty()) {
            throw new IllegalArgumentException("no \"choices\"");
        }
        List<ChatAnswer> answers = new ArrayList<>();
        for (JsonNode choice : choices) {
            answers.add(api == Api.CHAT ? message(choice) : text(choice));
        }
        JsonNode usage = node.path("usage");
        return new ChatResponse(
                answers,
                new Usage(
                        usage.path("prompt_tokens").asLong(0),
                        usage.path("completion_tokens").asLong(0)));
    }

    private static ChatAnswer message(JsonNode choice) {
        JsonNode content = choice.path("message").path("content");
        if (!content.isString() && !content.isNull()) {
            throw new IllegalArgumentException("no \"message.content\" in a choice");
        }
        JsonNode tokens = choice.path("logprobs").path("content");
        return answer(content.asString(""), choice, tokens.valueStream().map(token -> token.path("logprob")));
    }

    private static ChatAnswer text(JsonNode choice) {
        JsonNode text = choice.path("text");
        if (!text.isString()) {
            throw new IllegalArgumentException("no \"text\" in a choice");
        }
        JsonNode tokens = choice.path("logprobs").path("token_logprobs");
        return answer(text.stringValue(), choice, tokens.valueStream());
    }

    private static ChatAnswer answer(String text, JsonNode choice, Stream<JsonNode> logprobs) {
        DoubleSummaryStatistics tokens =
                logprobs.mapToDouble(logprob -> logprob.asDouble(0)).summaryStatistics();
        return new ChatAnswer(
                text,
                choice.path("finish_reason").asString("").equals("stop"),
                tokens.getCount() == 0 ? null : (Double) tokens.getAverage(),
                (int) tokens.getCount());
    }
}
