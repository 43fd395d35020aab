package dev.hone.datasets.curate;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import dev.hone.datasets.journal.Journal;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairJson;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.verify.Verdict;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Every attempt a model made and every verdict on it, written as they come, so that work that was killed goes on without
 * making any of them again. An attempt is found by all that determines it: the model, the prompt, the decoding and the
 * seed; a verdict by its attempt and by the pair's verifier, key and metadata. A verifier's failure may pass and is not
 * kept. Memory holds where the lines are, not the lines. Safe for use by several threads.
 */
public final class AttemptJournal implements AutoCloseable {

    private final Path file;
    private final String model;
    private final Map<String, long[]> attempts = new HashMap<>();
    private final Map<String, long[]> verdicts = new HashMap<>();
    private final Journal journal;

    /** One line: an attempt, or a verdict on one. */
    private record Line(
            @Nullable String key,
            int number,
            @Nullable Attempt attempt,
            @Nullable Verdict verdict) {}

    /**
     * Opens or creates a journal.
     *
     * @param model names the model by what it is, such as a hash of its weights
     * @throws UserError where the file holds something else or cannot be written
     */
    public AttemptJournal(Path file, String model) {
        this.file = file;
        this.model = model;
        this.journal = new Journal(file, (number, start, text) -> {
            Line line = line(text, number);
            put(line.attempt() == null ? verdicts : attempts, Objects.requireNonNull(line.key()), line.number(), start);
        });
    }

    synchronized boolean hasAttempt(String key, int number) {
        return start(attempts, key, number) >= 0;
    }

    /** The attempt made before; null where there is none. */
    @Nullable
    Attempt attempt(String key, int number) {
        Line line = find(attempts, key, number);
        return line == null ? null : line.attempt();
    }

    /** The verdict given before; null where there is none. */
    @Nullable
    Verdict verdict(String key, int number) {
        Line line = find(verdicts, key, number);
        return line == null ? null : line.verdict();
    }

    void add(String key, int number, Attempt attempt) {
        append(attempts, new Line(key, number, attempt, null));
    }

    void add(String key, int number, Verdict verdict) {
        if (verdict.error() == null) {
            append(verdicts, new Line(key, number, null, verdict));
        }
    }

    /** What determines an attempt. */
    String key(String prompt, SolveOptions options) {
        return Sha256.of(
                "attempt 1",
                model,
                prompt,
                Double.toString(options.temperature()),
                Double.toString(options.topP()),
                Integer.toString(options.maxTokens()),
                Long.toString(options.seed()));
    }

    /** What determines a verdict on an attempt of that key. */
    static String gradeKey(String attemptKey, Pair pair) {
        return Sha256.of(
                "verdict 1",
                attemptKey,
                pair.verifier(),
                pair.answer(),
                PairJson.mapper().writeValueAsString(new TreeMap<>(pair.metadata())));
    }

    private synchronized void append(Map<String, long[]> index, Line line) {
        long start = journal.append(PairJson.mapper().writeValueAsString(line));
        put(index, Objects.requireNonNull(line.key()), line.number(), start);
    }

    private static void put(Map<String, long[]> index, String key, int number, long start) {
        long[] starts = index.getOrDefault(key, new long[0]);
        if (number >= starts.length) {
            int before = starts.length;
            starts = Arrays.copyOf(starts, number + 1);
            Arrays.fill(starts, before, starts.length, -1);
            index.put(key, starts);
        }
        starts[number] = start;
    }

    private @Nullable Line find(Map<String, long[]> index, String key, int number) {
        long start;
        synchronized (this) {
            start = start(index, key, number);
        }
        return start < 0 ? null : line(journal.at(start), 0);
    }

    private static long start(Map<String, long[]> index, String key, int number) {
        long[] starts = index.get(key);
        return starts == null || number >= starts.length ? -1 : starts[number];
    }

    private Line line(String text, long number) {
        Line line;
        try {
            line = PairJson.mapper().readValue(text, Line.class);
        } catch (JacksonException e) {
            throw foreign(number, e.getOriginalMessage());
        }
        if (line.key() == null || line.number() < 0 || (line.attempt() == null) == (line.verdict() == null)) {
            throw foreign(number, "its fields are other ones");
        }
        return line;
    }

    private UserError foreign(long number, String why) {
        return new UserError("%s:%d: not an attempt or a verdict (%s); remove the line, or name another file"
                .formatted(file, number, why));
    }

    @Override
    public void close() {
        journal.close();
    }
}
