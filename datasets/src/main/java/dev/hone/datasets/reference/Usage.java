package dev.hone.datasets.reference;

/** Tokens a request took, as the server counts them. */
public record Usage(long promptTokens, long completionTokens) {
    static final Usage NONE = new Usage(0, 0);

    Usage plus(Usage other) {
        return new Usage(promptTokens + other.promptTokens, completionTokens + other.completionTokens);
    }
}
