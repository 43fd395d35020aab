package dev.hone.datasets.pairs;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Reads pairs from JSONL files. */
public final class PairReader {
    private PairReader() {}

    /**
     * Reads a file of pairs, one JSON object a line; blank lines are skipped.
     *
     * @throws UserError where the file cannot be read, a line is malformed or an id occurs twice; names file and line
     */
    public static List<Pair> read(Path jsonl) {
        List<Pair> pairs = new ArrayList<>();
        forEach(jsonl, pairs::add);
        return List.copyOf(pairs);
    }

    /** As {@link #read} does, one pair at a time. */
    static void forEach(Path jsonl, Consumer<Pair> consumer) {
        Map<String, Long> lineOfId = new HashMap<>();
        long number = 0;
        try (Lines lines = new Lines(Files.newInputStream(jsonl))) {
            for (Lines.Line line = lines.next(); line != null; line = lines.next()) {
                number = line.number();
                String text = line.text();
                if (text.isBlank()) {
                    continue;
                }
                Pair pair = PairJson.read(text);
                Long earlier = lineOfId.putIfAbsent(pair.id(), number);
                if (earlier != null) {
                    throw new MalformedPair(
                            Kind.DUPLICATE_ID,
                            "id \"%s\" is already that of line %d; give every pair its own id"
                                    .formatted(pair.id(), earlier));
                }
                consumer.accept(pair);
            }
        } catch (MalformedPair e) {
            throw new UserError(jsonl + ":" + number + ": " + e.getMessage(), e);
        } catch (NoSuchFileException e) {
            throw new UserError(jsonl + ": no such file; give the path of a JSONL file of pairs", e);
        } catch (IOException e) {
            throw new UserError(jsonl + ": cannot be read (" + e.getMessage() + "); give a readable JSONL file", e);
        }
    }
}
