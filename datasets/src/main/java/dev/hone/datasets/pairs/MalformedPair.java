package dev.hone.datasets.pairs;

/** A row that is not a pair. The message says what was expected and what to do; file and line are the reader's to add. */
public final class MalformedPair extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MalformedPair(String message) {
        super(message, null, false, false);
    }
}
