package dev.hone.trainer.run;

/** A signal asked the run to end; what it had is saved. */
public final class RunStopped extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    RunStopped(int exitCode) {
        super("Stopped by a signal");
        this.exitCode = exitCode;
    }

    /** 128 and the signal's number: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP. */
    public int exitCode() {
        return exitCode;
    }
}
