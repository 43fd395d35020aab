package dev.hone.datasets.reference;

import dev.hone.datasets.reference.Endpoint.Api;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is asked.
 *
 * @param messages the conversation so far; where a text is gone on with, that text as the only one
 * @param n answers wanted
 * @param temperature of sampling; 0 is greedy
 * @param topP nucleus mass in (0, 1]
 * @param maxTokens longest answer
 * @param seed of the sampling, where the server honours one
 * @param logprobs whether the tokens' log-probabilities are wanted
 * @param stop an answer ends before the first of these texts
 */
public record ChatRequest(
        List<Message> messages,
        int n,
        double temperature,
        double topP,
        int maxTokens,
        long seed,
        boolean logprobs,
        List<String> stop) {

    /** One message. */
    public record Message(String role, String content) {}

    public ChatRequest {
        messages = List.copyOf(messages);
        stop = List.copyOf(stop);
        if (n < 1 || maxTokens < 1) {
            throw new IllegalArgumentException("n is %d, maxTokens %d: must be at least 1".formatted(n, maxTokens));
        }
    }

    /** Whatever an answer says. */
    public ChatRequest(
            List<Message> messages,
            int n,
            double temperature,
            double topP,
            int maxTokens,
            long seed,
            boolean logprobs) {
        this(messages, n, temperature, topP, maxTokens, seed, logprobs, List.of());
    }

    /** The same question for {@code count} answers more, drawn otherwise. */
    ChatRequest more(int count, int round) {
        return new ChatRequest(messages, count, temperature, topP, maxTokens, seed + round, logprobs, stop);
    }

    /** In a fixed order, so that equal requests are equal bytes. */
    Map<String, Object> body(Endpoint endpoint) {
        boolean chat = endpoint.api() == Api.CHAT;
        if (!chat && messages.size() != 1) {
            throw new IllegalArgumentException(messages.size() + " messages are no text to go on with");
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("model", endpoint.model());
        body.put(chat ? "messages" : "prompt", chat ? messages : messages.get(0).content());
        body.put("n", n);
        body.put("temperature", temperature);
        body.put("top_p", topP);
        body.put("max_tokens", maxTokens);
        body.put("seed", seed);
        if (!stop.isEmpty()) {
            body.put("stop", stop);
        }
        if (logprobs) {
            // Of completions a number: as many other tokens at each place. Some servers take 0 for none at all.
            body.put("logprobs", chat ? true : (Object) 1);
        }
        return body;
    }

    /** No fewer tokens than it can take: a byte is one token at most, and a template adds some to each message. */
    Usage mostUsage() {
        long prompt = messages.stream()
                .mapToLong(message -> message.content().getBytes(StandardCharsets.UTF_8).length + 16L)
                .sum();
        return new Usage(prompt, (long) n * maxTokens);
    }
}
