package dev.hone.datasets.sandbox;

import java.time.Duration;

/**
 * How a program ended.
 *
 * @param exitCode as a shell would say: 128 and the signal's number where a signal ended it
 * @param out what it wrote to standard output, up to the limit
 * @param err what it wrote to standard error, up to the limit
 */
public record SandboxResult(End end, int exitCode, String out, String err, Duration wall) {
    /** What ended it. */
    public enum End {
        EXITED("it ended by itself"),
        WALL_LIMIT("it ran past its time"),
        CPU_LIMIT("it used all of its processor time"),
        MEMORY_LIMIT("it used more memory than it may"),
        PROCESS_LIMIT("it started more processes than it may"),
        OUTPUT_LIMIT("it wrote more than it may");

        private final String words;

        End(String words) {
            this.words = words;
        }

        public String words() {
            return words;
        }
    }

    /** Whether it ended by itself without an error. */
    public boolean isSuccess() {
        return end == End.EXITED && exitCode == 0;
    }
}
