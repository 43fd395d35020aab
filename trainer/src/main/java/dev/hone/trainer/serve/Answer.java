package dev.hone.trainer.serve;

import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.TokenScore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
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
    private final Map<Integer, String> texts = new HashMap<>();
    private final String id;
    private final long created = Instant.now().getEpochSecond();
    private final List<Written> choices = new ArrayList<>();

    private static final class Written {
        final StringBuilder text = new StringBuilder();
        final List<Choice.Token> tokens = new ArrayList<>();
        int echoedTokens;
        int echoedCharacters;

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

    /** Takes a prompt that is given back before its completion. */
    void addEcho(int choice, Choice.Piece piece) {
        Written written = choices.get(choice);
        add(choice, piece);
        written.echoedTokens = piece.tokens().size();
        written.echoedCharacters = piece.text().codePointCount(0, piece.text().length());
    }

    void add(int choice, Choice.Piece piece) {
        Written written = choices.get(choice);
        written.text.append(piece.text());
        written.tokens.addAll(piece.tokens());
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
            choice.put("logprobs", logprobs(written, 0, written.tokens));
            choice.put("finish_reason", written.finishReason);
            list.add(choice);
        }
        body.put("choices", list);
        body.put("usage", usage());
        return body;
    }

    /** The chunk of a piece that was added last to its choice. */
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
        int first = written.tokens.size() - piece.tokens().size();
        choice.put("logprobs", logprobs(written, first, piece.tokens()));
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
        int prompt = request.prompts().stream()
                .mapToInt(text -> text.tokens().length)
                .sum();
        int completion = choices.stream()
                .mapToInt(written -> written.tokens.size() - written.echoedTokens)
                .sum();
        return Map.of("prompt_tokens", prompt, "completion_tokens", completion, "total_tokens", prompt + completion);
    }

    /** @param first place of the first of {@code tokens} among all of its choice */
    private @Nullable Map<String, @Nullable Object> logprobs(Written written, int first, List<Choice.Token> tokens) {
        if (request.scoring() == null) {
            return null;
        }
        return request.chat() ? chatLogprobs(tokens) : textLogprobs(written, first, tokens);
    }

    private Map<String, @Nullable Object> chatLogprobs(List<Choice.Token> tokens) {
        List<Object> content = new ArrayList<>();
        for (Choice.Token token : tokens) {
            TokenScore score = token.score();
            if (score != null) {
                List<Object> alternatives = new ArrayList<>();
                for (int i = 0; i < score.alternatives().length; i++) {
                    alternatives.add(chatToken(score.alternatives()[i], score.alternativeLogprobs()[i]));
                }
                Map<String, @Nullable Object> entry = chatToken(token.id(), score.logprob());
                entry.put("top_logprobs", alternatives);
                content.add(entry);
            }
        }
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("content", content);
        return map;
    }

    private Map<String, @Nullable Object> chatToken(int token, float logprob) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("token", text(token));
        map.put("logprob", logprob);
        List<Integer> bytes = new ArrayList<>();
        for (byte one : tokenizer.bytes(token)) {
            bytes.add(one & 0xFF);
        }
        map.put("bytes", bytes);
        return map;
    }

    private Map<String, @Nullable Object> textLogprobs(Written written, int first, List<Choice.Token> tokens) {
        List<String> names = new ArrayList<>();
        List<@Nullable Float> logprobs = new ArrayList<>();
        List<@Nullable Map<String, Float>> alternatives = new ArrayList<>();
        List<Integer> offsets = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            Choice.Token token = tokens.get(i);
            names.add(text(token.id()));
            logprobs.add(token.score() == null ? null : token.score().logprob());
            alternatives.add(token.score() == null ? null : alternatives(token.score()));
            boolean echoed = first + i < written.echoedTokens;
            offsets.add(token.offset() + (echoed ? 0 : written.echoedCharacters));
        }
        boolean wanted = request.scoring() != null && request.scoring().alternatives() > 0;
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("tokens", names);
        map.put("token_logprobs", logprobs);
        map.put("top_logprobs", wanted ? alternatives : null);
        map.put("text_offset", offsets);
        return map;
    }

    /** By their texts, and the token itself with them; of several that read alike the likeliest. */
    private Map<String, Float> alternatives(TokenScore score) {
        Map<String, Float> map = new LinkedHashMap<>();
        for (int i = 0; i < score.alternatives().length; i++) {
            map.putIfAbsent(text(score.alternatives()[i]), score.alternativeLogprobs()[i]);
        }
        map.putIfAbsent(text(score.token()), score.logprob());
        return map;
    }

    private String text(int token) {
        return texts.computeIfAbsent(token, tokenizer::text);
    }
}
