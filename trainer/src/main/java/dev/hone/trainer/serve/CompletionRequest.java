package dev.hone.trainer.serve;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Chat;
import dev.hone.datasets.text.ChatTemplate;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.generate.Scoring;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A request for completions or for a chat's next message.
 *
 * @param chat whether it is a chat's
 * @param n completions of each prompt
 * @param maxTokens tokens of a completion, at most; 0 where only the prompt is to be scored or given back
 * @param stops texts before which a completion ends
 * @param scoring of tokens, where their log-probabilities are wanted
 * @param echo whether the prompt is given back before its completion
 * @param stream whether text is wanted as it is written
 * @param includeUsage whether a stream ends with the counts of tokens
 * @param seed empty draws one
 */
record CompletionRequest(
        boolean chat,
        List<Text> prompts,
        int n,
        int maxTokens,
        SamplingOptions sampling,
        List<String> stops,
        @Nullable Scoring scoring,
        boolean echo,
        boolean stream,
        boolean includeUsage,
        OptionalLong seed) {

    private static final int MOST_CHOICES = 128;
    private static final int MOST_PROMPTS = 256;
    private static final int MOST_ALTERNATIVES = 20;

    /** A prompt, and its tokens. */
    record Text(String text, int[] tokens) {}

    /**
     * What a server knows that a request does not say.
     *
     * @param plain whether the template is not the model's own but the plain form of pairs
     */
    record Defaults(Tokenizer tokenizer, ChatTemplate template, boolean plain, Set<Integer> stopTokens, int maxLength) {

        /** A conversation as the model reads it, up to where it is to go on. */
        Text written(Chat chat) {
            String text = template.render(chat, true);
            // A model's own template writes the token that begins texts by itself.
            return new Text(text, plain ? tokenizer.encodeFromBeginning(text) : tokenizer.encode(text));
        }
    }

    static CompletionRequest ofChat(JsonNode request, Defaults defaults) {
        JsonNode messages = request.path("messages");
        if (!messages.isArray() || messages.isEmpty()) {
            throw ApiError.invalid("messages", "messages is missing; give a list of objects with role and content");
        }
        List<Map<String, @Nullable Object>> read = new ArrayList<>();
        for (JsonNode message : messages) {
            if (!message.path("role").isString()) {
                throw ApiError.invalid("messages", "A message has no role; give it system, user or assistant");
            }
            Map<String, @Nullable Object> map = map(message);
            map.put("content", text(message.path("content")));
            ToolCalls.parseArguments(map);
            read.add(map);
        }
        List<Map<String, @Nullable Object>> tools = new ArrayList<>();
        request.path("tools").forEach(tool -> tools.add(map(tool)));
        Map<String, @Nullable Object> variables = map(request.path("chat_template_kwargs"));
        Text prompt;
        try {
            prompt = defaults.written(new Chat(read, tools, variables));
        } catch (UserError e) {
            throw ApiError.invalid("messages", String.valueOf(e.getMessage()));
        }
        boolean logprobs = flag(request, "logprobs");
        int alternatives = alternatives(request, "top_logprobs");
        if (alternatives > 0 && !logprobs) {
            throw ApiError.invalid("top_logprobs", "top_logprobs is given without logprobs; set logprobs to true");
        }
        return read(
                request,
                true,
                List.of(prompt),
                defaults,
                logprobs ? new Scoring(false, alternatives) : null,
                Integer.MAX_VALUE);
    }

    static CompletionRequest ofText(JsonNode request, Defaults defaults) {
        refuse(request, "suffix");
        JsonNode prompt = request.path("prompt");
        boolean special = flag(request, "add_special_tokens", true);
        List<Text> prompts = new ArrayList<>();
        if (prompt.isString()
                || (prompt.isArray() && !prompt.isEmpty() && prompt.get(0).isNumber())) {
            prompts.add(prompt(prompt, special, defaults));
        } else if (prompt.isArray()) {
            prompt.forEach(one -> prompts.add(prompt(one, special, defaults)));
        }
        if (prompts.isEmpty() || prompts.size() > MOST_PROMPTS) {
            throw ApiError.invalid(
                    "prompt",
                    "prompt must be a text, a list of tokens, or a list of 1 to " + MOST_PROMPTS + " of these");
        }
        JsonNode logprobs = request.path("logprobs");
        boolean scored = !logprobs.isMissingNode() && !logprobs.isNull();
        return read(
                request,
                false,
                prompts,
                defaults,
                scored ? new Scoring(flag(request, "echo"), alternatives(request, "logprobs")) : null,
                16);
    }

    private static CompletionRequest read(
            JsonNode request,
            boolean chat,
            List<Text> prompts,
            Defaults defaults,
            @Nullable Scoring scoring,
            int usual) {
        JsonNode asked = request.path("max_completion_tokens").isNumber()
                ? request.path("max_completion_tokens")
                : request.path("max_tokens");
        int maxTokens = asked.isNumber() ? asked.asInt() : usual;
        int fewest = maxTokens == 0 && !chat ? 0 : 1;
        for (Text prompt : prompts) {
            int length = prompt.tokens().length;
            if (length == 0 || length > defaults.maxLength() - fewest) {
                throw ApiError.invalid(
                        chat ? "messages" : "prompt",
                        "The prompt has " + length + " tokens but must have 1 to " + (defaults.maxLength() - fewest));
            }
            maxTokens = Math.min(maxTokens, defaults.maxLength() - length);
        }
        int n = whole(request, "n", 1);
        if (n < 1 || n > MOST_CHOICES) {
            throw ApiError.invalid("n", "n is " + n + " but must be 1 to " + MOST_CHOICES);
        }
        try {
            return new CompletionRequest(
                    chat,
                    prompts,
                    n,
                    maxTokens,
                    new SamplingOptions(
                            number(request, "temperature", 1),
                            whole(request, "top_k", 0),
                            number(request, "top_p", 1),
                            number(request, "min_p", 0),
                            // One is drawn in any case; see ModelServer.
                            fewest == 0 ? 1 : maxTokens,
                            request.path("ignore_eos").asBoolean(false) ? Set.of() : defaults.stopTokens()),
                    stops(request.path("stop")),
                    scoring,
                    !chat && flag(request, "echo"),
                    request.path("stream").asBoolean(false),
                    request.path("stream_options").path("include_usage").asBoolean(false),
                    request.path("seed").isNumber()
                            ? OptionalLong.of(request.path("seed").asLong())
                            : OptionalLong.empty());
        } catch (UserError e) {
            String message = String.valueOf(e.getMessage());
            throw ApiError.invalid(message.split(" ", 2)[0], message);
        }
    }

    /** @param special whether a text is preceded by the token that begins texts, where the model has one */
    private static Text prompt(JsonNode prompt, boolean special, Defaults defaults) {
        if (prompt.isString()) {
            String text = prompt.asString();
            Tokenizer tokenizer = defaults.tokenizer();
            return new Text(text, special ? tokenizer.encodeFromBeginning(text) : tokenizer.encode(text));
        }
        int[] tokens = new int[prompt.size()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = prompt.get(i).asInt(-1);
            if (tokens[i] < 0 || tokens[i] >= defaults.tokenizer().vocabularySize()) {
                throw ApiError.invalid("prompt", "prompt holds " + prompt.get(i) + ", which is no token of this model");
            }
        }
        return new Text(defaults.tokenizer().decode(tokens), tokens);
    }

    private static int alternatives(JsonNode request, String key) {
        int alternatives = whole(request, key, 0);
        if (alternatives < 0 || alternatives > MOST_ALTERNATIVES) {
            throw ApiError.invalid(key, key + " is " + alternatives + " but must be 0 to " + MOST_ALTERNATIVES);
        }
        return alternatives;
    }

    private static boolean flag(JsonNode request, String key) {
        return flag(request, key, false);
    }

    private static boolean flag(JsonNode request, String key, boolean usual) {
        JsonNode value = request.path(key);
        if (!value.isMissingNode() && !value.isNull() && !value.isBoolean()) {
            throw ApiError.invalid(key, key + " is " + value + " but must be true or false");
        }
        return value.asBoolean(usual);
    }

    private static List<String> stops(JsonNode stop) {
        List<String> stops = new ArrayList<>();
        if (stop.isString()) {
            stops.add(stop.asString());
        }
        stop.forEach(one -> stops.add(one.asString("")));
        if (stops.size() > 16 || stops.stream().anyMatch(String::isEmpty)) {
            throw ApiError.invalid("stop", "stop must be a text or up to 16 of them, none empty");
        }
        return stops;
    }

    /** A message's parts as one text, as clients may send it. */
    private static @Nullable String text(JsonNode content) {
        if (!content.isArray()) {
            return content.isString() ? content.asString() : null;
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content) {
            if (!part.path("type").asString("").equals("text")) {
                throw ApiError.invalid(
                        "messages",
                        "A message has a part of type " + part.path("type") + "; this model reads text only");
            }
            text.append(part.path("text").asString(""));
        }
        return text.toString();
    }

    private static Map<String, @Nullable Object> map(JsonNode object) {
        return object.isObject()
                ? JsonMapper.shared().treeToValue(object, new TypeReference<Map<String, @Nullable Object>>() {})
                : new LinkedHashMap<>();
    }

    private static double number(JsonNode request, String key, double fallback) {
        JsonNode value = request.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return fallback;
        }
        if (!value.isNumber()) {
            throw ApiError.invalid(key, key + " is " + value + " but must be a number");
        }
        return value.asDouble();
    }

    private static int whole(JsonNode request, String key, int fallback) {
        double value = number(request, key, fallback);
        if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
            throw ApiError.invalid(key, key + " is " + value + " but must be a whole number");
        }
        return (int) value;
    }

    private static void refuse(JsonNode request, String key) {
        JsonNode value = request.path(key);
        boolean off = value.isMissingNode()
                || value.isNull()
                || (value.isBoolean() && !value.booleanValue())
                || (value.isNumber() && value.asInt() == 0)
                || (value.isString() && value.asString().isEmpty());
        if (!off) {
            throw ApiError.invalid(key, key + " is not supported here; leave it out");
        }
    }
}
