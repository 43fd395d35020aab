package dev.hone.datasets.reference;

import dev.hone.datasets.UserError;
import dev.hone.datasets.journal.Journal;
import java.io.Closeable;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What was decided, a JSON line each, as it is decided: the record for people, and where a stopped run goes on. A line
 * that a crash cut short is dropped. Safe for use by several threads.
 *
 * @param <T> a decision, a record
 */
public final class DecisionLog<T> implements Closeable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Function<T, String> key;
    private final Map<String, T> decided = new LinkedHashMap<>();
    private final Journal journal;

    /**
     * Opens or creates a log.
     *
     * @param key what a decision is about
     * @throws UserError where the file holds something else or cannot be written
     */
    public DecisionLog(Path file, Class<T> type, Function<T, String> key) {
        this.key = key;
        this.journal = new Journal(file, (number, start, line) -> {
            try {
                T decision = JSON.readValue(line, type);
                decided.put(key.apply(decision), decision);
            } catch (JacksonException e) {
                throw new UserError(
                        "%s:%d: not a decision of this kind (%s); name another file, or remove the line"
                                .formatted(file, number, e.getOriginalMessage()),
                        e);
            }
        });
    }

    public synchronized Optional<T> of(String subject) {
        return Optional.ofNullable(decided.get(subject));
    }

    /** Adds a decision; it is on disk when this returns. */
    public synchronized void add(T decision) {
        decided.put(key.apply(decision), decision);
        journal.append(JSON.writeValueAsString(decision));
        journal.force();
    }

    @Override
    public void close() {
        journal.close();
    }
}
