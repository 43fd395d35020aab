package dev.hone.datasets.sources;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import dev.hone.datasets.pairs.Pair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The pairs of some files, read as they are asked for. */
public final class PairStream implements Iterator<Pair>, AutoCloseable {
    private final Iterator<Path> files;
    private final Path root;
    private final RowForm form;
    private final Malformed malformed;
    private final Map<String, String> placeOfId = new HashMap<>();
    private @Nullable Path file;
    private @Nullable Rows rows;
    private @Nullable Pair next;

    PairStream(List<Path> files, Path root, RowForm form, Malformed malformed) {
        this.files = files.iterator();
        this.root = root;
        this.form = form;
        this.malformed = malformed;
    }

    @Override
    public boolean hasNext() {
        while (next == null && (rows != null || files.hasNext())) {
            if (rows == null) {
                open(files.next());
            } else {
                advance(rows, Objects.requireNonNull(file));
            }
        }
        return next != null;
    }

    @Override
    public Pair next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Pair pair = Objects.requireNonNull(next);
        next = null;
        return pair;
    }

    private void open(Path path) {
        file = path;
        try {
            rows = FileFormat.open(path);
        } catch (IOException e) {
            malformed.row(path, 0, Kind.UNREADABLE, reason(e), "");
        }
    }

    private void advance(Rows current, Path path) {
        Row row;
        try {
            row = current.next();
        } catch (IOException e) {
            malformed.row(path, Math.max(1, current.line()), Kind.UNREADABLE, reason(e), "");
            row = null;
        }
        if (row == null) {
            close();
            return;
        }
        try {
            next = pair(row, path);
        } catch (MalformedPair e) {
            malformed.row(path, row.line(), e.kind(), String.valueOf(e.getMessage()), row.text());
        }
    }

    private Pair pair(Row row, Path path) {
        if (row.fault() != null) {
            throw row.fault();
        }
        String source = source(path);
        String id = source + "-" + row.line();
        Pair pair = form.pair(Objects.requireNonNull(row.object()), id, source);
        if (form.hasIds()) {
            String earlier = placeOfId.putIfAbsent(pair.id(), Malformed.place(path, row.line()));
            if (earlier != null) {
                throw new MalformedPair(
                        Kind.DUPLICATE_ID,
                        "id \"%s\" is already that of %s; give every pair its own id".formatted(pair.id(), earlier));
            }
        }
        return pair;
    }

    /** The file's place below the fixed part of the path, without its endings. */
    private String source(Path path) {
        Path folder = root.relativize(path.toAbsolutePath().normalize()).getParent();
        String stem = FileFormat.stem(path);
        return folder == null ? stem : folder.resolve(stem).toString().replace('\\', '/');
    }

    private static String reason(IOException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        return "cannot be read any further (" + message + "); restore the file";
    }

    @Override
    public void close() {
        if (rows != null) {
            try {
                rows.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                rows = null;
            }
        }
    }
}
