package dev.hone.trainer.generate;

import dev.hone.datasets.text.Tokenizer;
import java.util.Arrays;

/**
 * Tokens to text as they come. What a token writes can hang on its neighbours, so each is decoded with a few before it,
 * and half a character is held back until the rest is there.
 */
public final class TextStream {
    private final Tokenizer tokenizer;
    private int[] tokens = new int[64];
    private int count;
    private int contextStart;
    private int written;

    public TextStream(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The text that one more token adds; empty where it is not a whole character yet. */
    public String add(int token) {
        if (count == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * count);
        }
        tokens[count++] = token;
        String text = decode(count);
        return text.endsWith("\uFFFD") ? "" : taken(text);
    }

    /** What was held back. */
    public String end() {
        return taken(decode(count));
    }

    private String taken(String text) {
        String before = decode(written);
        contextStart = written;
        written = count;
        return text.length() > before.length() ? text.substring(before.length()) : "";
    }

    private String decode(int end) {
        return tokenizer.decode(Arrays.copyOfRange(tokens, contextStart, end));
    }
}
