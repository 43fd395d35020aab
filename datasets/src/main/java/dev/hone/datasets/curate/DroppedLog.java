package dev.hone.datasets.curate;

import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import dev.hone.datasets.pairs.PairJson;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reports what was removed and why: a JSONL file of {@code id}, {@code reason}, {@code prompt} and {@code metadata},
 * which says what was found. The file appears whole when this is closed.
 */
public final class DroppedLog implements Consumer<Dropped>, AutoCloseable {
    private final Path target;
    private final WholeFile whole;
    private final BufferedWriter writer;

    /** @throws UserError where the file cannot be written */
    public DroppedLog(Path jsonl) {
        this.target = jsonl.toAbsolutePath();
        try {
            this.whole = new WholeFile(target);
            this.writer = whole.writer();
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    @Override
    public void accept(Dropped dropped) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("id", dropped.pair().id());
        line.put("reason", dropped.reason().name().toLowerCase(Locale.ROOT));
        line.put("prompt", dropped.pair().prompt());
        line.put("metadata", dropped.pair().metadata());
        try {
            writer.write(PairJson.mapper().writeValueAsString(line));
            writer.write('\n');
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    @Override
    public void close() {
        try (whole) {
            writer.close();
            whole.keep();
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
