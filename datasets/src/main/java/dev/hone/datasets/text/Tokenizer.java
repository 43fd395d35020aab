package dev.hone.datasets.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import dev.hone.datasets.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Hugging Face {@code tokenizer.json}, run by Hugging Face's own library. Safe for use by several threads.
 *
 * <p>Of the {@code tokenizer_config.json} beside it counts which token ends a text and whether one begins it, as in
 * transformers. What it says of tidying decoded text ({@code clean_up_tokenization_spaces}) does not: text comes back as
 * it was.
 */
public final class Tokenizer implements AutoCloseable {
    /** Names under which known models keep the token that ends a text, in order of preference. */
    private static final List<String> END_OF_TEXT =
            List.of("<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<|im_end|>", "<|eot_id|>");

    private static final TokenizersLibrary NATIVE = TokenizersLibrary.LIB;

    private final HuggingFaceTokenizer library;
    private final Map<String, Integer> ids;
    private final Set<Integer> added;
    private final TokenBytes bytes;
    private final int vocabularySize;
    private final int endOfText;
    private final int[] beginning;

    static {
        // The library otherwise reports its use to its makers' server on start.
        System.setProperty("ai.djl.offline", "true");
    }

    private Tokenizer(
            HuggingFaceTokenizer library, JsonNode root, JsonNode config, Map<String, Integer> ids, int endOfText) {
        this.library = library;
        this.ids = ids;
        this.added = new HashSet<>();
        root.path("added_tokens").forEach(token -> added.add(token.path("id").asInt()));
        this.bytes = new TokenBytes(root.path("decoder"), ids, added);
        this.vocabularySize =
                ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
        this.endOfText = endOfText;
        this.beginning = beginning(config);
    }

    /**
     * Reads a {@code tokenizer.json}, and the {@code tokenizer_config.json} beside it where there is one.
     *
     * @throws UserError where the file is missing, no tokenizer, or has no end-of-text token
     */
    public static Tokenizer read(Path tokenizerJson) {
        JsonNode root;
        try {
            root = json(tokenizerJson);
        } catch (NoSuchFileException e) {
            throw new UserError(tokenizerJson + ": no such file; give a Hugging Face tokenizer.json", e);
        } catch (IOException | JacksonException e) {
            throw notATokenizer(tokenizerJson, e);
        }
        Path configFile = tokenizerJson.resolveSibling("tokenizer_config.json");
        JsonNode config;
        try {
            config = Files.exists(configFile)
                    ? json(configFile)
                    : JsonMapper.shared().createObjectNode();
        } catch (IOException | JacksonException e) {
            throw new UserError(
                    configFile + ": not valid JSON (" + UserError.reason(e) + "); restore the model's file", e);
        }
        Map<String, Integer> ids = vocabulary(root);
        int endOfText = Stream.concat(Stream.of(named(config, "eos_token")), END_OF_TEXT.stream())
                .filter(ids::containsKey)
                .mapToInt(ids::get)
                .findFirst()
                .orElseThrow(() -> new UserError(tokenizerJson + ": has no end-of-text token; add one of "
                        + String.join(", ", END_OF_TEXT) + ", or name it as \"eos_token\" in tokenizer_config.json"));
        // As a stream: of a path the library reads tokenizer_config.json too, and tidies texts by it.
        try (InputStream file = Files.newInputStream(tokenizerJson)) {
            return new Tokenizer(
                    HuggingFaceTokenizer.newInstance(file, Map.of("truncation", "false", "padding", "false")),
                    root,
                    config,
                    ids,
                    endOfText);
        } catch (IOException | RuntimeException e) {
            throw notATokenizer(tokenizerJson, e);
        }
    }

    private static JsonNode json(Path file) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(file));
    }

    private static UserError notATokenizer(Path file, Exception cause) {
        return new UserError(
                file + ": not a tokenizer.json (" + UserError.reason(cause)
                        + "); give the file of a Hugging Face model",
                cause);
    }

    /** Tokens and ids of the model and those added to it; Unigram models list their tokens, others map them. */
    private static Map<String, Integer> vocabulary(JsonNode root) {
        Map<String, Integer> ids = new HashMap<>();
        JsonNode vocabulary = root.path("model").path("vocab");
        vocabulary
                .properties()
                .forEach(entry -> ids.put(entry.getKey(), entry.getValue().asInt()));
        if (vocabulary.isArray()) {
            for (int id = 0; id < vocabulary.size(); id++) {
                ids.put(vocabulary.get(id).get(0).asString(), id);
            }
        }
        for (JsonNode added : root.path("added_tokens")) {
            ids.put(added.path("content").asString(), added.path("id").asInt());
        }
        return ids;
    }

    /** A token that tokenizer_config.json names, as text or as an object that holds it; empty for none. */
    private static String named(JsonNode config, String key) {
        JsonNode token = config.path(key);
        return token.path("content").asString(token.asString(""));
    }

    /** As transformers: {@code add_bos_token} says it, or else what {@code post_processor} puts before a text. */
    private int[] beginning(JsonNode config) {
        if (config.path("add_bos_token").isBoolean()) {
            Integer token = ids.get(named(config, "bos_token"));
            return token == null || !config.path("add_bos_token").asBoolean() ? new int[0] : new int[] {token};
        }
        int[] bare = encode("a", false);
        int[] processed = encode("a", true);
        for (int start = 0; start <= processed.length - bare.length; start++) {
            if (Arrays.equals(processed, start, start + bare.length, bare, 0, bare.length)) {
                return Arrays.copyOf(processed, start);
            }
        }
        return new int[0];
    }

    /** The tokens of a text, with no token added before or after. */
    public int[] encode(String text) {
        return encode(text, false);
    }

    private int[] encode(String text, boolean special) {
        long encoding = NATIVE.encode(library.getHandle(), text, special);
        try {
            return ids(encoding);
        } finally {
            NATIVE.deleteEncoding(encoding);
        }
    }

    private static int[] ids(long encoding) {
        return Arrays.stream(NATIVE.getTokenIds(encoding))
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /** The tokens of a text that nothing precedes: with a token before it that begins texts, where the model has one. */
    public int[] encodeFromBeginning(String text) {
        return joined(beginning, encode(text));
    }

    /** The text of the tokens that begin a text, such as {@code <s>}; empty for none. */
    public String beginningOfText() {
        return Arrays.stream(beginning).mapToObj(this::text).collect(Collectors.joining());
    }

    private static int[] joined(int[] first, int[] second) {
        int[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    /** The text of tokens; special tokens, such as end-of-text, are left out. */
    public String decode(int[] tokens) {
        return library.decode(Arrays.stream(tokens).asLongStream().toArray(), true);
    }

    /**
     * The text of one token by itself, special ones included, with a space before it where it begins a word. Parts of
     * characters are U+FFFD; see {@link #bytes}.
     */
    public String text(int token) {
        return new String(bytes(token), StandardCharsets.UTF_8);
    }

    /** What a token writes amid a text, in UTF-8: a token may be a part of a character. */
    public byte[] bytes(int token) {
        byte[] known = bytes.of(token);
        return known != null ? known : library.decode(new long[] {token}, false).getBytes(StandardCharsets.UTF_8);
    }

    /** Prompt, response and end-of-text. */
    TokenizedPair tokenize(String id, String promptText, String responseText, LossMask mask) {
        int[] prompt = encodeFromBeginning(promptText);
        int[] tokens = joined(joined(prompt, encode(responseText)), new int[] {endOfText});
        boolean learnsPrompt = !mask.assistantOnly() && !mask.completionOnly();
        return new TokenizedPair(id, tokens, learnsPrompt ? 1 : prompt.length);
    }

    /** The tokens of a text; those that overlap one of the spans carry loss. */
    TokenizedPair tokenize(String id, String text, List<TextSpan> spans) {
        long encoding = NATIVE.encode(library.getHandle(), text, false);
        int[] tokens;
        CharSpan[] places;
        try {
            tokens = ids(encoding);
            places = NATIVE.getTokenCharSpans(encoding);
        } finally {
            NATIVE.deleteEncoding(encoding);
        }
        // The library counts code points, Java its own characters.
        List<TextSpan> inCodePoints = spans.stream()
                .map(span -> new TextSpan(text.codePointCount(0, span.start()), text.codePointCount(0, span.end())))
                .toList();
        boolean[] learned = new boolean[tokens.length];
        // Nothing precedes the first token that it could be learned from.
        for (int i = 1; i < tokens.length; i++) {
            CharSpan place = places[i];
            learned[i] = place != null
                    && inCodePoints.stream().anyMatch(span -> span.overlaps(place.getStart(), place.getEnd()));
        }
        return new TokenizedPair(id, tokens, learned);
    }

    /** The token added to the vocabulary, such as {@code <|im_end|>}, that a text begins with; empty for none. */
    OptionalInt leadingAdded(String text) {
        int[] tokens = encode(text);
        return tokens.length > 0 && added.contains(tokens[0]) ? OptionalInt.of(tokens[0]) : OptionalInt.empty();
    }

    /** One more than the largest id. */
    public int vocabularySize() {
        return vocabularySize;
    }

    /** The id of a token as the vocabulary writes it, empty where there is no such token. */
    public OptionalInt id(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The id of the token that ends a text. */
    public int endOfText() {
        return endOfText;
    }

    @Override
    public void close() {
        library.close();
    }
}
