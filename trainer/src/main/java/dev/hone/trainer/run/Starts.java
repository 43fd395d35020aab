package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run's starts.jsonl: a line for each time its process began, with the checkpoint it began from and what was changed,
 * and one for each time it ended in an orderly way. Unlike events.jsonl it is never cut. It tells a run that crashes again
 * and again at the same place.
 */
final class Starts {

    /** Starts without progress after which a run is not started again unasked. */
    static final int LIMIT = 5;

    /** What a run without a checkpoint begins from. */
    static final String BEGINNING = "beginning";

    /** How a run ends that did all it was to do, its last copy to storage included. */
    static final String DONE = "done";

    /** How a run ends that a signal stopped, saved. */
    static final String STOPPED = "stopped";

    /** How a run ends that cannot go on as it is, with a sentence that says why. */
    static final String REFUSED = "refused";

    private static final Logger log = LoggerFactory.getLogger(Starts.class);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String FROM = "from";
    private static final String RETRY = "retry";
    private static final String END = "end";

    private final Path file;

    Starts(Path file) {
        this.file = file;
    }

    /**
     * @param from what it begins from; see {@link #withoutProgress}
     * @param details what else is worth knowing
     */
    void began(String from, boolean retry, Map<String, ?> details) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put(FROM, from);
        line.put(RETRY, retry);
        line.put("process", ProcessHandle.current().pid());
        line.putAll(details);
        append(line);
    }

    /** @param how done, stopped or refused; a process that crashed says nothing */
    void ended(String how) {
        try {
            append(Map.of(END, how));
        } catch (UserError e) {
            // Where the disk is full or sealed: that is what the run ends with, and what is said.
            log.debug("No end noted: {}", e.getMessage());
        }
    }

    /** Whether the last process did all there was to do. */
    boolean isDone() {
        List<JsonNode> lines = lines();
        return !lines.isEmpty()
                && lines.get(lines.size() - 1).path(END).asString("").equals(DONE);
    }

    /** How many of the last starts began from {@code from} and ended without a word. */
    int withoutProgress(String from) {
        int count = 0;
        List<JsonNode> lines = lines();
        for (int i = lines.size() - 1; i >= 0; i--) {
            JsonNode line = lines.get(i);
            if (line.has(END) || !line.path(FROM).asString("").equals(from)) {
                break;
            }
            count++;
            if (line.path(RETRY).asBoolean(false)) {
                break;
            }
        }
        return count;
    }

    /** Those that were written whole. */
    private List<JsonNode> lines() {
        if (!Files.exists(file)) {
            return List.of();
        }
        List<JsonNode> lines = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.isBlank()) {
                    continue;
                }
                try {
                    lines.add(JSON.readTree(line));
                } catch (JacksonException halfWritten) {
                    continue;
                }
            }
        } catch (IOException e) {
            throw new UserError("Cannot read " + file + " (" + e.getMessage() + "); remove it", e);
        }
        return lines;
    }

    private void append(Map<String, ?> fields) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
        line.putAll(fields);
        // The line before may be half written.
        String text = "\n" + JSON.writeValueAsString(line) + "\n";
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            ByteBuffer bytes =
                    ByteBuffer.wrap(text.substring(channel.size() == 0 ? 1 : 0).getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException e) {
            throw new UserError("Cannot write " + file + " (" + e.getMessage()
                    + "); free space or correct permissions, then `hone resume` the run");
        }
    }
}
