package dev.hone.trainer.generate;

import dev.hone.datasets.text.Tokenizer;
import java.util.List;

/** The text of a completion in the making, up to the first of some stop strings. */
final class StoppingText {
    private final TextStream text;
    private final StopStrings stops;
    private final StringBuilder shown = new StringBuilder();
    private int tokens;

    StoppingText(Tokenizer tokenizer, List<String> stops) {
        this.text = new TextStream(tokenizer);
        this.stops = new StopStrings(stops);
    }

    /** Takes the next token. Returns whether to go on. */
    boolean add(int token) {
        tokens++;
        shown.append(stops.add(text.add(token)));
        return !stops.stopped();
    }

    /** Tokens taken. */
    int tokens() {
        return tokens;
    }

    boolean stopped() {
        return stops.stopped();
    }

    /** The text, once nothing more comes: that before the stop string, or all. */
    String end() {
        shown.append(stops.add(text.end())).append(stops.end());
        return shown.toString();
    }
}
