package dev.hone.trainer.serve;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Chat;
import dev.hone.datasets.text.ChatTemplate;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.SamplingOptions;
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
 * @param prompts tokens of each prompt
 * @param n completions of each
 * @param stops texts before which a completion ends
 * @param logprobs whether the tokens' log-probabilities are wanted
 * @param stream whether text is wanted as it is written
 * @param includeUsage whether a stream ends with the counts of tokens
 * @param seed empty draws one
 */
record CompletionRequest(
        boolean chat,
        List<int[]> prompts,
        int n,
        SamplingOptions sampling,
        List<String> stops,
        boolean logprobs,
        boolean stream,
        boolean includeUsage,
        OptionalLong seed) {

    private static final int MOST_CHOICES = 128;
    private static final int MOST_PROMPTS = 256;

    /** What a server knows that a request does not say. */
    record Defaults(Tokenizer tokenizer, ChatTemplate template, Set<Integer> stopTokens, int maxLength) {}

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
            read.add(map);
        }
        List<Map<String, @Nullable Object>> tools = new ArrayList<>();
        request.path("tools").forEach(tool -> tools.add(map(tool)));
        Map<String, @Nullable Object> variables = map(request.path("chat_template_kwargs"));
        String prompt;
        try {
            prompt = defaults.template().render(new Chat(read, tools, variables), true);
        } catch (UserError e) {
            throw ApiError.invalid("messages", String.valueOf(e.getMessage()));
        }
        refuse(request, "top_logprobs");
        return read(
                request,
                true,
                List.of(defaults.tokenizer().encode(prompt)),
                defaults,
                request.path("logprobs").asBoolean(false),
                Integer.MAX_VALUE);
    }

    static CompletionRequest ofText(JsonNode request, Defaults defaults) {
        refuse(request, "echo");
        refuse(request, "suffix");
        JsonNode prompt = request.path("prompt");
        List<int[]> prompts = new ArrayList<>();
        if (prompt.isString()
                || (prompt.isArray() && !prompt.isEmpty() && prompt.get(0).isNumber())) {
            prompts.add(tokens(prompt, defaults));
        } else if (prompt.isArray()) {
            prompt.forEach(one -> prompts.add(tokens(one, defaults)));
        }
        if (prompts.isEmpty() || prompts.size() > MOST_PROMPTS) {
            throw ApiError.invalid(
                    "prompt",
                    "prompt must be a text, a list of tokens, or a list of 1 to " + MOST_PROMPTS + " of these");
        }
        JsonNode logprobs = request.path("logprobs");
        if (logprobs.asInt(0) > 1) {
            throw ApiError.invalid(
                    "logprobs",
                    "logprobs is " + logprobs + " but only those of the tokens written are known; give 0 or 1");
        }
        return read(request, false, prompts, defaults, logprobs.isNumber(), 16);
    }

    private static CompletionRequest read(
            JsonNode request, boolean chat, List<int[]> prompts, Defaults defaults, boolean logprobs, int maxTokens) {
        int longest = prompts.stream().mapToInt(tokens -> tokens.length).max().orElse(0);
        int room = defaults.maxLength() - longest;
        if (longest == 0 || room < 1) {
            throw ApiError.invalid(
                    chat ? "messages" : "prompt",
                    "The prompt has " + longest + " tokens but must have 1 to " + (defaults.maxLength() - 1));
        }
        JsonNode asked = request.path("max_completion_tokens").isNumber()
                ? request.path("max_completion_tokens")
                : request.path("max_tokens");
        int n = whole(request, "n", 1);
        if (n < 1 || n > MOST_CHOICES) {
            throw ApiError.invalid("n", "n is " + n + " but must be 1 to " + MOST_CHOICES);
        }
        try {
            return new CompletionRequest(
                    chat,
                    prompts,
                    n,
                    new SamplingOptions(
                            number(request, "temperature", 1),
                            whole(request, "top_k", 0),
                            number(request, "top_p", 1),
                            number(request, "min_p", 0),
                            Math.min(room, asked.isNumber() ? asked.asInt() : maxTokens),
                            request.path("ignore_eos").asBoolean(false) ? Set.of() : defaults.stopTokens()),
                    stops(request.path("stop")),
                    logprobs,
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

    private static int[] tokens(JsonNode prompt, Defaults defaults) {
        if (prompt.isString()) {
            return defaults.tokenizer().encode(prompt.asString());
        }
        int[] tokens = new int[prompt.size()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = prompt.get(i).asInt(-1);
            if (tokens[i] < 0 || tokens[i] >= defaults.tokenizer().vocabularySize()) {
                throw ApiError.invalid("prompt", "prompt holds " + prompt.get(i) + ", which is no token of this model");
            }
        }
        return tokens;
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
