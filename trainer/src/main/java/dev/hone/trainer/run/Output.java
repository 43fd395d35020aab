package dev.hone.trainer.run;

import java.io.PrintStream;

/**
 * Where a run tells people what it does.
 *
 * @param isTerminal whether lines may be redrawn
 */
public record Output(PrintStream stream, boolean isTerminal) {

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
