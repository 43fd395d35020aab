package dev.hone.trainer.serve;

import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.StopStrings;
import dev.hone.trainer.generate.TextStream;
import dev.hone.trainer.generate.TokenScore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One completion of a request as it is written. Used by the decoding thread alone. */
final class Choice {
    /** A piece of text with the tokens that were drawn since the last. */
    record Piece(String text, List<Token> tokens, @Nullable String finishReason) {}

    /**
     * A token written.
     *
     * @param offset characters (code points) of the text before it
     * @param score null where none was asked for, and at a prompt's first token
     */
    record Token(int id, int offset, @Nullable TokenScore score) {}

    private final TextStream text;
    private final StopStrings stops;
    private final List<Token> tokens = new ArrayList<>();
    private int characters;

    Choice(Tokenizer tokenizer, List<String> stops) {
        this.text = new TextStream(tokenizer);
        this.stops = new StopStrings(stops);
    }

    /** Takes a token that does not end the completion. */
    Piece add(int token, @Nullable TokenScore score) {
        addStop(token, score);
        String added = text.add(token);
        characters += added.codePointCount(0, added.length());
        return piece(stops.add(added), null);
    }

    /** Takes the token that ends the completion: it counts, but adds no text. */
    void addStop(int token, @Nullable TokenScore score) {
        tokens.add(new Token(token, characters, score));
    }

    boolean stopped() {
        return stops.stopped();
    }

    /** The last piece. */
    Piece end(Completion completion) {
        String rest = stops.add(text.end()) + stops.end();
        return piece(rest, completion.finished() || stops.stopped() ? "stop" : "length");
    }

    private Piece piece(String shown, @Nullable String finishReason) {
        Piece piece = new Piece(shown, List.copyOf(tokens), finishReason);
        tokens.clear();
        return piece;
    }
}
