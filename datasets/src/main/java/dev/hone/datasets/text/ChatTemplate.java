package dev.hone.datasets.text;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Chat;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a model writes conversations as text: the Jinja template of its {@code chat_template.jinja} or
 * {@code tokenizer_config.json}, rendered as transformers renders it. Safe for use by several threads, and against
 * templates that mean harm: see {@link JinjaSandbox}.
 */
public final class ChatTemplate implements AutoCloseable {

    /**
     * A rendered conversation.
     *
     * @param text what the model reads
     * @param generated where the template's {@code {% generation %}} blocks lie in it, in order; empty where it has none
     */
    record Rendered(String text, List<TextSpan> generated) {}

    /** What a model folder calls its template. */
    public static final String FILE = "chat_template.jinja";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> SPECIAL_TOKENS =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    /** A template's tag around what the assistant wrote, and what is run in its stead. */
    private static final Pattern GENERATION = Pattern.compile("\\{%([-+]?)\\s*(end)?generation\\s*([-+]?)%}");

    private static final Pattern COMMENT = Pattern.compile("\\{#.*?#}", Pattern.DOTALL);

    private static final String START = "\uE000hone:generated\uE001";
    private static final String END = "\uE000hone:written\uE001";

    /** Numbers that are whole but not integers cross into JavaScript under this key; see python-jinja.js. */
    private static final String FLOAT = "\0float";

    private static final String NOW = "\0now";

    private final String name;
    private final String source;
    private final @Nullable String toolSource;
    private final Map<String, String> specialTokens;
    private final Clock clock;
    private final ConcurrentLinkedQueue<JinjaSandbox> idle = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<JinjaSandbox> idleForTools = new ConcurrentLinkedQueue<>();

    private ChatTemplate(
            String name, String source, @Nullable String toolSource, Map<String, String> specialTokens, Clock clock) {
        this.name = name;
        this.source = source;
        this.toolSource = toolSource;
        this.specialTokens = Map.copyOf(specialTokens);
        this.clock = clock;
    }

    /**
     * @param source a Jinja template
     * @param specialTokens by the names templates use, such as {@code bos_token}
     */
    public static ChatTemplate of(String source, Map<String, String> specialTokens) {
        return new ChatTemplate("chat template", source, null, specialTokens, Clock.systemDefaultZone());
    }

    /**
     * Reads a model's template.
     *
     * @param path a model folder, or a template file beside which a {@code tokenizer_config.json} may give the special
     *     tokens
     * @throws UserError where there is no template, or the files cannot be read
     */
    public static ChatTemplate read(Path path) {
        Clock clock = Clock.systemDefaultZone();
        boolean isFolder = Files.isDirectory(path);
        Path file = isFolder ? path.resolve(FILE) : path;
        Path configFile = file.resolveSibling("tokenizer_config.json");
        JsonNode config = Files.exists(configFile) ? json(configFile) : JSON.createObjectNode();
        Map<String, String> specialTokens = specialTokens(config);
        if (!isFolder || Files.exists(file)) {
            return new ChatTemplate(file.toString(), text(file), null, specialTokens, clock);
        }
        JsonNode template = config.path("chat_template");
        if (template.isString()) {
            return new ChatTemplate(configFile.toString(), template.asString(), null, specialTokens, clock);
        }
        String fallback = named(template, "default");
        if (fallback == null) {
            throw new UserError(path + ": has no chat template, neither chat_template.jinja nor \"chat_template\" in"
                    + " tokenizer_config.json; name a template file, or use a model made for chat");
        }
        return new ChatTemplate(configFile.toString(), fallback, named(template, "tool_use"), specialTokens, clock);
    }

    /**
     * Reads a template that is to be used with a model in place of its own.
     *
     * @param file the template
     * @param model the folder whose {@code tokenizer_config.json} gives the special tokens, where it has one
     * @throws UserError where a file cannot be read
     */
    public static ChatTemplate read(Path file, Path model) {
        Path config = model.resolve("tokenizer_config.json");
        return new ChatTemplate(
                file.toString(),
                text(file),
                null,
                Files.exists(config) ? specialTokens(json(config)) : Map.of(),
                Clock.systemDefaultZone());
    }

    /** Whether a model folder holds a template. */
    public static boolean isIn(Path folder) {
        Path config = folder.resolve("tokenizer_config.json");
        return Files.exists(folder.resolve(FILE))
                || (Files.exists(config) && json(config).hasNonNull("chat_template"));
    }

    /**
     * The same template at a fixed time. Some templates write today's date into the prompt: a run that is to repeat
     * exactly fixes it.
     */
    public ChatTemplate at(Clock fixed) {
        return new ChatTemplate(name, source, toolSource, specialTokens, fixed);
    }

    /**
     * The conversation as text.
     *
     * @param addGenerationPrompt whether to end with what precedes an answer, so that the model writes one
     * @throws UserError where the template fails or refuses the conversation, such as roles that do not alternate
     */
    public String render(Chat chat, boolean addGenerationPrompt) {
        return rendered(chat, addGenerationPrompt).text();
    }

    /**
     * The conversation as tokens to train on. With {@link LossMask#assistantOnly} loss is on what the assistant wrote
     * and the token that ends its turn: what the template marks by {@code {% generation %}}, or, where it has no such
     * tag, what rendering the conversation turn by turn adds. With {@link LossMask#completionOnly} it is on nothing
     * before the last answer.
     *
     * @throws UserError where the template fails, or its turns cannot be told apart
     */
    public TokenizedPair tokenize(Tokenizer tokenizer, String id, Chat chat, LossMask mask) {
        Rendered rendered = rendered(chat, false);
        List<TextSpan> spans = List.of(new TextSpan(0, rendered.text().length()));
        if (mask.assistantOnly()) {
            spans = hasGenerationTags()
                    ? rendered.generated()
                    : new AssistantTurns(this, chat, rendered.text()).spans();
        }
        if (mask.completionOnly()) {
            int start = AssistantTurns.commonPrefix(render(chat.asked(), true), rendered.text());
            spans = spans.stream()
                    .filter(span -> span.end() > start)
                    .map(span -> new TextSpan(Math.max(span.start(), start), span.end()))
                    .toList();
        }
        return tokenizer.tokenize(id, rendered.text(), spans);
    }

    Rendered rendered(Chat chat, boolean addGenerationPrompt) {
        String template = toolSource == null || chat.tools().isEmpty() ? source : toolSource;
        ConcurrentLinkedQueue<JinjaSandbox> pool = template.equals(source) ? idle : idleForTools;
        JinjaSandbox sandbox = pool.poll();
        if (sandbox == null) {
            sandbox = new JinjaSandbox(name, marked(template), JinjaSandbox.Limits.DEFAULT);
        }
        String items = items(chat, addGenerationPrompt);
        if (items.contains(START) || items.contains(END)) {
            throw new UserError(name + ": the conversation holds the mark hone sets around generated text; remove it");
        }
        try {
            return unmarked(sandbox.render(items));
        } finally {
            pool.add(sandbox);
        }
    }

    /** What it renders by, but for a clock that runs. */
    String identity() {
        String day =
                clock.equals(Clock.systemDefaultZone()) ? "" : clock.instant().toString();
        return source + "\n" + toolSource + "\n" + new TreeMap<>(specialTokens) + "\n" + day;
    }

    String name() {
        return name;
    }

    private boolean hasGenerationTags() {
        return GENERATION.matcher(COMMENT.matcher(source).replaceAll("")).find();
    }

    /** The tags become blocks of the same white space control that print marks. */
    private static String marked(String template) {
        return GENERATION
                .matcher(template)
                .replaceAll(tag -> Matcher.quoteReplacement("{%" + tag.group(1) + " if true %}{{ '"
                        + (tag.group(2) == null ? START : END) + "' }}{% endif " + tag.group(3) + "%}"));
    }

    private static Rendered unmarked(String marked) {
        StringBuilder text = new StringBuilder();
        List<TextSpan> spans = new ArrayList<>();
        int from = 0;
        for (int start = marked.indexOf(START); start >= 0; start = marked.indexOf(START, from)) {
            int end = marked.indexOf(END, start);
            if (end < 0) {
                break;
            }
            text.append(marked, from, start);
            int spanStart = text.length();
            text.append(marked, start + START.length(), end);
            spans.add(new TextSpan(spanStart, text.length()));
            from = end + END.length();
        }
        return new Rendered(text.append(marked, from, marked.length()).toString(), spans);
    }

    private String items(Chat chat, boolean addGenerationPrompt) {
        Map<String, @Nullable Object> items = new LinkedHashMap<>(specialTokens);
        items.put(
                "messages",
                crossing(chat.messages().stream()
                        .map(ChatTemplate::withReasoning)
                        .toList()));
        items.put("tools", chat.tools().isEmpty() ? null : crossing(chat.tools()));
        items.put("documents", null);
        items.put("add_generation_prompt", addGenerationPrompt);
        items.put(NOW, LocalDateTime.now(clock).truncatedTo(ChronoUnit.SECONDS).toString());
        chat.variables().forEach((key, value) -> items.put(key, crossing(value)));
        return JSON.writeValueAsString(items);
    }

    /** As transformers does, so that a template finds the thinking under the name it looks for. */
    private static Map<String, @Nullable Object> withReasoning(Map<String, @Nullable Object> message) {
        Object reasoning = Chat.reasoning(message);
        if (reasoning == null) {
            return message;
        }
        Map<String, @Nullable Object> named = new LinkedHashMap<>(message);
        named.putIfAbsent("thinking", reasoning);
        named.put("reasoning_content", reasoning);
        return named;
    }

    private static @Nullable Object crossing(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, item) -> copy.put(key, crossing(item)));
            return copy;
        }
        if (value instanceof Iterable<?> items) {
            List<@Nullable Object> copy = new ArrayList<>();
            for (Iterator<?> i = items.iterator(); i.hasNext(); ) {
                copy.add(crossing(i.next()));
            }
            return copy;
        }
        return value instanceof Double || value instanceof Float || value instanceof BigDecimal
                ? Map.of(FLOAT, value)
                : value;
    }

    private static @Nullable String named(JsonNode templates, String wanted) {
        for (JsonNode entry : templates) {
            if (entry.path("name").asString("").equals(wanted)) {
                return entry.path("template").asString("");
            }
        }
        return null;
    }

    /** A token is written as text or as an object that holds it as its content. */
    private static Map<String, String> specialTokens(JsonNode config) {
        Map<String, String> tokens = new LinkedHashMap<>();
        for (String key : SPECIAL_TOKENS) {
            JsonNode token = config.path(key);
            JsonNode content = token.isObject() ? token.path("content") : token;
            if (content.isString()) {
                tokens.put(key, content.asString());
            }
        }
        return tokens;
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(text(file));
        } catch (JacksonException e) {
            throw new UserError(
                    file + ": not valid JSON (" + e.getOriginalMessage() + "); restore the model's file", e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UserError(
                    file + ": cannot be read as UTF-8 text (" + UserError.reason(e) + "); give a readable file", e);
        }
    }

    @Override
    public void close() {
        idle.forEach(JinjaSandbox::close);
        idleForTools.forEach(JinjaSandbox::close);
    }
}
