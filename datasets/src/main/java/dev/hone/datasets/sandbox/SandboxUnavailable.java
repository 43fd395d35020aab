package dev.hone.datasets.sandbox;

/** Code cannot be run here, or not safely; the message says why and what to do. */
public final class SandboxUnavailable extends Exception {
    private static final long serialVersionUID = 1L;

    public SandboxUnavailable(String message) {
        super(message);
    }
}
