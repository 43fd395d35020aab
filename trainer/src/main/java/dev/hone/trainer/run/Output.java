package dev.hone.trainer.run;

import java.io.PrintStream;

/**
 * Where a run tells people what it does.
 *
 * @param isTerminal whether lines may be redrawn
 * @param listener hears of progress, beside people
 */
public record Output(PrintStream stream, boolean isTerminal, ProgressListener listener) {

    /** Hears, every few seconds, how far a stretch of work is. */
    public interface ProgressListener {
        void progressed(String task, long done, long total);
    }

    public Output(PrintStream stream, boolean isTerminal) {
        this(stream, isTerminal, (task, done, total) -> {});
    }

    /** The same, with another that hears of progress. */
    public Output with(ProgressListener other) {
        return new Output(stream, isTerminal, other);
    }

    /** Standard error, so that standard output is left to results. */
    public static Output standard() {
        return new Output(System.err, System.console() != null);
    }

    public void line(String text) {
        stream.println(text);
    }

    public Progress progress(String task, long done, long steps) {
        return new Progress(task, done, steps, this);
    }
}
