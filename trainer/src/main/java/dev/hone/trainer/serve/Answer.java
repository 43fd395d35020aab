package dev.hone.trainer.serve;

import dev.hone.datasets.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is answered to a request, in OpenAI's words: whole, or in the chunks of a stream. */
final class Answer {
    private final CompletionRequest request;
    private final String model;
    private final Tokenizer tokenizer;
    private final String id;
    private final long created = Instant.now().getEpochSecond();
    private final List<Written> choices = new ArrayList<>();

    private static final class Written {
        final StringBuilder text = new StringBuilder();
        final List<Integer> tokens = new ArrayList<>();
        final List<Float> logprobs = new ArrayList<>();

        @Nullable
        String finishReason;

        boolean begun;
    }

    Answer(CompletionRequest request, String model, Tokenizer tokenizer) {
        this.request = request;
        this.model = model;
        this.tokenizer = tokenizer;
        this.id = (request.chat() ? "chatcmpl-" : "cmpl-")
                + UUID.randomUUID().toString().replace("-", "");
        for (int i = 0; i < request.prompts().size() * request.n(); i++) {
            choices.add(new Written());
        }
    }

    void add(int choice, Choice.Piece piece) {
        Written written = choices.get(choice);
        written.text.append(piece.text());
        written.tokens.addAll(piece.tokens());
        written.logprobs.addAll(piece.logprobs());
        written.finishReason = piece.finishReason();
    }

    Map<String, Object> whole() {
        Map<String, Object> body = head(request.chat() ? "chat.completion" : "text_completion");
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < choices.size(); i++) {
            Written written = choices.get(i);
            Map<String, @Nullable Object> choice = new LinkedHashMap<>();
            choice.put("index", i);
            if (request.chat()) {
                choice.put("message", Map.of("role", "assistant", "content", written.text.toString()));
            } else {
                choice.put("text", written.text.toString());
            }
            choice.put("logprobs", logprobs(written.tokens, written.logprobs));
            choice.put("finish_reason", written.finishReason);
            list.add(choice);
        }
        body.put("choices", list);
        body.put("usage", usage());
        return body;
    }

    Map<String, Object> chunk(int index, Choice.Piece piece) {
        Written written = choices.get(index);
        Map<String, @Nullable Object> choice = new LinkedHashMap<>();
        choice.put("index", index);
        if (request.chat()) {
            Map<String, Object> delta = new LinkedHashMap<>();
            if (!written.begun) {
                delta.put("role", "assistant");
            }
            delta.put("content", piece.text());
            choice.put("delta", delta);
        } else {
            choice.put("text", piece.text());
        }
        written.begun = true;
        choice.put("logprobs", logprobs(piece.tokens(), piece.logprobs()));
        choice.put("finish_reason", piece.finishReason());
        Map<String, Object> body = head(request.chat() ? "chat.completion.chunk" : "text_completion");
        body.put("choices", List.of(choice));
        return body;
    }

    Map<String, Object> usageChunk() {
        Map<String, Object> body = head(request.chat() ? "chat.completion.chunk" : "text_completion");
        body.put("choices", List.of());
        body.put("usage", usage());
        return body;
    }

    private Map<String, Object> head(String object) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", id);
        body.put("object", object);
        body.put("created", created);
        body.put("model", model);
        return body;
    }

    private Map<String, Object> usage() {
        int prompt =
                request.prompts().stream().mapToInt(tokens -> tokens.length).sum();
        int completion =
                choices.stream().mapToInt(written -> written.tokens.size()).sum();
        return Map.of("prompt_tokens", prompt, "completion_tokens", completion, "total_tokens", prompt + completion);
    }

    private @Nullable Map<String, @Nullable Object> logprobs(List<Integer> tokens, List<Float> logprobs) {
        if (!request.logprobs()) {
            return null;
        }
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        List<String> texts = tokens.stream()
                .map(token -> tokenizer.decode(new int[] {token}))
                .toList();
        if (request.chat()) {
            List<Object> content = new ArrayList<>();
            for (int i = 0; i < tokens.size(); i++) {
                List<Integer> bytes = new ArrayList<>();
                for (byte one : texts.get(i).getBytes(StandardCharsets.UTF_8)) {
                    bytes.add(one & 0xFF);
                }
                content.add(Map.of(
                        "token", texts.get(i), "logprob", logprobs.get(i), "bytes", bytes, "top_logprobs", List.of()));
            }
            map.put("content", content);
        } else {
            map.put("tokens", texts);
            map.put("token_logprobs", logprobs);
            map.put("top_logprobs", null);
            map.put("text_offset", null);
        }
        return map;
    }
}
