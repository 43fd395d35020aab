package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.Lines;
import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.PairJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** JSON objects, one a line; blank lines are skipped. */
final class JsonRows implements Rows {
    private final Lines lines;
    private long line;

    private JsonRows(InputStream in) {
        this.lines = new Lines(in);
    }

    /** Lines of objects, or one array of objects, whichever the file begins as. */
    static Rows open(InputStream in) throws IOException {
        in.mark(1 << 10);
        int first = in.read();
        while (first == ' '
                || first == '\n'
                || first == '\r'
                || first == '\t'
                || first == 0xEF
                || first == 0xBB
                || first == 0xBF) {
            first = in.read();
        }
        in.reset();
        return first == '[' ? new JsonArrayRows(in) : new JsonRows(in);
    }

    @Override
    public @Nullable Row next() throws IOException {
        for (Lines.Line next = lines.next(); next != null; next = lines.next()) {
            line = next.number();
            try {
                String text = next.text();
                if (!text.isBlank()) {
                    return Row.of(line, PairJson.object(text), text);
                }
            } catch (MalformedPair e) {
                return Row.malformed(line, e, new String(next.bytes(), StandardCharsets.UTF_8));
            }
        }
        return null;
    }

    @Override
    public long line() {
        return line;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
