package dev.hone.trainer.serve;

import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.Completion;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One completion of a request as it is written. Used by the decoding thread alone. */
final class Choice {
    /** A piece of text with the tokens that were drawn since the last. */
    record Piece(
            String text,
            List<Integer> tokens,
            List<Float> logprobs,
            @Nullable String finishReason) {}

    private final TextStream text;
    private final StopStrings stops;
    private final List<Integer> tokens = new ArrayList<>();
    private final List<Float> logprobs = new ArrayList<>();

    Choice(Tokenizer tokenizer, List<String> stops) {
        this.text = new TextStream(tokenizer);
        this.stops = new StopStrings(stops);
    }

    /** Takes a token that does not end the completion. */
    Piece add(int token, float logprob) {
        tokens.add(token);
        logprobs.add(logprob);
        return piece(stops.add(text.add(token)), null);
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
        Piece piece = new Piece(shown, List.copyOf(tokens), List.copyOf(logprobs), finishReason);
        tokens.clear();
        logprobs.clear();
        return piece;
    }
}
