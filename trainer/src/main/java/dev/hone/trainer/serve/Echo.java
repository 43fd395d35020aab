package dev.hone.trainer.serve;

import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.TextStream;
import dev.hone.trainer.generate.TokenScore;
import java.util.ArrayList;
import java.util.List;

/** A prompt given back as the beginning of its completion. */
final class Echo {

    private Echo() {}

    /**
     * The piece that comes before all others.
     *
     * @param scores of the tokens from the second on; empty where none were asked for
     */
    static Choice.Piece of(CompletionRequest.Text prompt, List<TokenScore> scores, Tokenizer tokenizer) {
        TextStream stream = new TextStream(tokenizer);
        List<Choice.Token> tokens = new ArrayList<>();
        int characters = 0;
        for (int i = 0; i < prompt.tokens().length; i++) {
            tokens.add(new Choice.Token(
                    prompt.tokens()[i], characters, i == 0 || scores.isEmpty() ? null : scores.get(i - 1)));
            String added = stream.add(prompt.tokens()[i]);
            characters += added.codePointCount(0, added.length());
        }
        return new Choice.Piece(prompt.text(), tokens, null);
    }
}
