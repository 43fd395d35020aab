package dev.hone.trainer.run;

/** With what a run's process ends where it cannot end in the ordinary way; docs/checkpoints.md lists all codes. */
public final class ExitCode {

    /** A second signal came, or the time to save ran out: nothing more was saved. */
    public static final int ENDED_AT_ONCE = 3;

    /** No sign of life for too long: the threads' stacks were written down. */
    public static final int HUNG = 4;

    /** Another process of the training was lost. */
    public static final int PROCESS_LOST = 5;

    /** What a signal adds to its number, as shells do: 130 for SIGINT, 143 for SIGTERM. */
    static final int SIGNAL = 128;

    private ExitCode() {}
}
