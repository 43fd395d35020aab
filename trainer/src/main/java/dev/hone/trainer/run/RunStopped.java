package dev.hone.trainer.run;

/** A signal asked the run to end; what it had is saved. */
public final class RunStopped extends RuntimeException {

    private static final long serialVersionUID = 1L;
}
