package dev.hone.datasets.pairs;

/** A row that is not a pair. The message says what was expected and what to do; file and line are the reader's to add. */
public final class MalformedPair extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What is wrong, for counting; written in lower case in reports. */
    public enum Kind {
        /** Bytes that are not UTF-8. */
        ENCODING,
        /** Not JSON, or not an object. */
        SYNTAX,
        /** A field of another type than expected. */
        TYPE,
        /** A field that is missing or empty. */
        MISSING,
        /** A field or a verifier that is not known. */
        UNKNOWN,
        /** A NUL character or half a surrogate pair. */
        CHARACTER,
        /** A line too long to be taken into memory. */
        LENGTH,
        /** A table's row with too few or too many columns. */
        COLUMNS,
        /** An id that another pair has. */
        DUPLICATE_ID,
        /** A file that cannot be read, or no further. */
        UNREADABLE,
        /** Not what the form of the rows asks for. */
        FORM
    }

    private final Kind kind;

    public MalformedPair(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
