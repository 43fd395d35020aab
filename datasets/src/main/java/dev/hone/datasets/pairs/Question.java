package dev.hone.datasets.pairs;

import java.util.Map;

/**
 * Something to answer, before it has a key.
 *
 * @param id unique within its file
 * @param domain what it would teach
 * @param prompt the question
 * @param verifier the verifier its answers are to be compared by
 * @param metadata anything else worth keeping
 */
public record Question(String id, String domain, String prompt, String verifier, Map<String, Object> metadata) {
    /** What a pair asks. */
    public static Question of(Pair pair) {
        return new Question(pair.id(), pair.domain(), pair.prompt(), pair.verifier(), pair.metadata());
    }

    /** The pair this is with an answer key. */
    public Pair answered(String answer) {
        return new Pair(id, domain, prompt, answer, null, verifier, metadata);
    }
}
