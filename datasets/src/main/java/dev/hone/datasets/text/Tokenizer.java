package dev.hone.datasets.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
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
    private final int vocabularySize;
    private final int endOfText;

    static {
        // The library otherwise reports its use to its makers' server on start.
        System.setProperty("ai.djl.offline", "true");
    }

    private Tokenizer(HuggingFaceTokenizer library, Map<String, Integer> ids, int endOfText) {
        this.library = library;
        this.ids = ids;
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
        try {
            ids = vocabulary(JsonMapper.shared().readTree(Files.readString(tokenizerJson)));
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

    /**
     * Prompt, response and end-of-text, weighed by {@link Pair#LOSS_WEIGHT}.
     *
     * @throws UserError where the pair has no response to train on, or its weight is none
     */
    public TokenizedPair tokenize(Pair pair) {
        if (pair.response() == null) {
            throw new UserError(
                    "Pair " + pair.id() + " has no response to train on; give it one or leave the pair out");
        }
        int[] prompt = encode(pair.prompt());
        int[] response = encode(pair.response());
        int[] tokens = Arrays.copyOf(prompt, prompt.length + response.length + 1);
        System.arraycopy(response, 0, tokens, prompt.length, response.length);
        tokens[tokens.length - 1] = endOfText;
        return new TokenizedPair(pair.id(), tokens, prompt.length).withWeight(weight(pair));
    }

    private static float weight(Pair pair) {
        Object weight = pair.metadata().getOrDefault(Pair.LOSS_WEIGHT, 1);
        if (weight instanceof Number number
                && number.floatValue() > 0
                && number.floatValue() < Float.POSITIVE_INFINITY) {
            return number.floatValue();
        }
        throw new UserError("Pair " + pair.id() + " has the " + Pair.LOSS_WEIGHT + " " + weight
                + " in its metadata; make it a number above 0, or leave it out");
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
        for (int i = 0; i < tokens.length; i++) {
            CharSpan place = places[i];
            learned[i] = place != null
                    && inCodePoints.stream().anyMatch(span -> span.overlaps(place.getStart(), place.getEnd()));
        }
        return new TokenizedPair(id, tokens, learned);
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
