package dev.hone.datasets.sources;

import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sets malformed rows aside in a JSONL file of {@code file}, {@code line}, {@code kind}, {@code reason} and {@code text}, and counts
 * them. The file appears when this is closed, and only where there is something in it; one from before is then replaced.
 */
public final class Quarantine implements Malformed, AutoCloseable {
    /** Longest text kept of a row, in characters. */
    private static final int LONGEST = 1 << 20;

    private final Path target;
    private final Map<String, Integer> byFile = new TreeMap<>();
    private final Map<String, Integer> byKind = new TreeMap<>();
    private int count;
    private @Nullable String first;
    private @Nullable WholeFile whole;

    public Quarantine(Path jsonl) {
        this.target = jsonl.toAbsolutePath();
    }

    @Override
    public void row(Path file, long line, Kind kind, String reason, String text) {
        count++;
        byKind.merge(kind.name().toLowerCase(Locale.ROOT), 1, Integer::sum);
        byFile.merge(file.toString(), 1, Integer::sum);
        if (first == null) {
            first = Malformed.place(file, line) + ": " + reason;
        }
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("file", file.toString());
        entry.put("line", line);
        entry.put("kind", kind.name().toLowerCase(Locale.ROOT));
        entry.put("reason", reason);
        entry.put("text", text.length() <= LONGEST ? text : text.substring(0, LONGEST));
        try {
            if (whole == null) {
                whole = new WholeFile(target);
            }
            // Replaces what no UTF-8 file can hold, which is what some of these rows are here for.
            whole.stream()
                    .write((JsonMapper.shared().writeValueAsString(entry) + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** Rows set aside. */
    public int count() {
        return count;
    }

    /** Rows set aside of each file that has some. */
    public Map<String, Integer> byFile() {
        return new TreeMap<>(byFile);
    }

    /** Rows set aside of each kind that occurred. */
    public Map<String, Integer> byKind() {
        return new TreeMap<>(byKind);
    }

    /** The first row set aside: its file, line and reason; empty where there is none. */
    public String first() {
        return first == null ? "" : first;
    }

    /** For people: how many of which kind, of which the first, and where they are; empty where there are none. */
    public String summary() {
        return count == 0
                ? ""
                : "%d malformed row%s set aside in %s (%s); the first is %s"
                        .formatted(
                                count,
                                count == 1 ? "" : "s",
                                target,
                                byKind.entrySet().stream()
                                        .map(kind -> kind.getKey() + " " + kind.getValue())
                                        .collect(Collectors.joining(", ")),
                                first);
    }

    @Override
    public void close() {
        try (WholeFile filled = whole) {
            if (filled == null) {
                Files.deleteIfExists(target);
            } else {
                filled.keep();
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private UserError unwritable(IOException e) {
        return new UserError(
                target + ": cannot be written (" + UserError.reason(e) + "); choose a writable folder with space left",
                e);
    }
}
