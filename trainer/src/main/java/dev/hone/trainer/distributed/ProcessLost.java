package dev.hone.trainer.distributed;

import dev.hone.datasets.UserError;

/** A process of those that train together ended, or cannot be reached: the others cannot go on without it. */
public final class ProcessLost extends UserError {
    private static final long serialVersionUID = 1L;

    public ProcessLost(String message) {
        super(message);
    }

    public ProcessLost(String message, Throwable cause) {
        super(message, cause);
    }
}
