package dev.hone.datasets.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import dev.hone.datasets.UserError;
import java.io.IOException;
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
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Hugging Face {@code tokenizer.json}, run by Hugging Face's own library. Safe for use by several threads. */
public final class Tokenizer implements AutoCloseable {
    /** Names under which known models keep the token that ends a text, in order of preference. */
    private static final List<String> END_OF_TEXT =
            List.of("<|endoftext|>", "<|end_of_text|>", "</s>", "<eos>", "<|im_end|>", "<|eot_id|>");

    private final HuggingFaceTokenizer library;
    private final Map<String, Integer> ids;
    private final Set<Integer> added;
    private final int vocabularySize;
    private final int endOfText;

    static {
        // The library otherwise reports its use to its makers' server on start.
        System.setProperty("ai.djl.offline", "true");
    }

    private Tokenizer(HuggingFaceTokenizer library, Map<String, Integer> ids, Set<Integer> added, int endOfText) {
        this.library = library;
        this.ids = ids;
        this.added = Set.copyOf(added);
        this.vocabularySize =
                ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
        this.endOfText = endOfText;
    }

    /**
     * Reads a {@code tokenizer.json}.
     *
     * @throws UserError where the file is missing, no tokenizer, or has no end-of-text token
     */
    public static Tokenizer read(Path tokenizerJson) {
        Map<String, Integer> ids;
        Set<Integer> added = new HashSet<>();
        try {
            JsonNode root = JsonMapper.shared().readTree(Files.readString(tokenizerJson));
            ids = vocabulary(root);
            root.path("added_tokens")
                    .forEach(token -> added.add(token.path("id").asInt()));
        } catch (NoSuchFileException e) {
            throw new UserError(tokenizerJson + ": no such file; give a Hugging Face tokenizer.json", e);
        } catch (IOException | JacksonException e) {
            throw notATokenizer(tokenizerJson, e);
        }
        int endOfText = END_OF_TEXT.stream()
                .filter(ids::containsKey)
                .mapToInt(ids::get)
                .findFirst()
                .orElseThrow(() -> new UserError(
                        tokenizerJson + ": has no end-of-text token; add one of " + String.join(", ", END_OF_TEXT)));
        try {
            return new Tokenizer(
                    HuggingFaceTokenizer.newInstance(tokenizerJson, Map.of("truncation", "false", "padding", "false")),
                    ids,
                    added,
                    endOfText);
        } catch (IOException | RuntimeException e) {
            throw notATokenizer(tokenizerJson, e);
        }
    }

    private static UserError notATokenizer(Path file, Exception cause) {
        return new UserError(
                file + ": not a tokenizer.json (" + cause.getMessage() + "); give the file of a Hugging Face model",
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

    /** The tokens of a text, with no token added before or after. */
    public int[] encode(String text) {
        return Arrays.stream(library.encode(text, false, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /** The text of tokens; special tokens, such as end-of-text, are left out. */
    public String decode(int[] tokens) {
        return library.decode(Arrays.stream(tokens).asLongStream().toArray(), true);
    }

    /** The text of one token by itself, special ones included. */
    public String text(int token) {
        return library.decode(new long[] {token}, false);
    }

    /** Prompt, response and end-of-text. */
    TokenizedPair tokenize(String id, String promptText, String responseText, LossMask mask) {
        int[] prompt = encode(promptText);
        int[] response = encode(responseText);
        int[] tokens = Arrays.copyOf(prompt, prompt.length + response.length + 1);
        System.arraycopy(response, 0, tokens, prompt.length, response.length);
        tokens[tokens.length - 1] = endOfText;
        boolean learnsPrompt = !mask.assistantOnly() && !mask.completionOnly();
        return new TokenizedPair(id, tokens, learnsPrompt ? 1 : prompt.length);
    }

    /** The tokens of a text; those that overlap one of the spans carry loss. */
    TokenizedPair tokenize(String id, String text, List<TextSpan> spans) {
        Encoding encoding = library.encode(text, false, false);
        int[] tokens =
                Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
        // The library counts code points, Java its own characters.
        List<TextSpan> inCodePoints = spans.stream()
                .map(span -> new TextSpan(text.codePointCount(0, span.start()), text.codePointCount(0, span.end())))
                .toList();
        CharSpan[] places = encoding.getCharTokenSpans();
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
