package dev.hone.datasets.sources;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Files of one form, by one path that may hold {@code *}, {@code **}, {@code ?}, {@code [..]} and {@code {a,b}}. */
public final class PairFiles {
    private final Path root;
    private final List<Path> files;
    private final RowForm form;

    /**
     * @param path a file or a pattern of files
     * @throws UserError where there is no such file
     */
    public PairFiles(Path path, RowForm form) {
        this.form = form;
        Path absolute = path.toAbsolutePath().normalize();
        boolean literal = Files.exists(path) || !isPattern(path);
        Path folder = literal ? absolute.getParent() : fixed(absolute);
        this.root = folder == null ? absolute : folder;
        this.files = literal ? List.of(path) : matching(path, root);
        if (!Files.exists(files.get(0))) {
            throw new UserError(
                    path + ": no such file; give the path of a file of pairs, or a pattern such as data/*.jsonl");
        }
        files.forEach(FileFormat::of);
    }

    /** In the order in which they are read: that of their names. */
    public List<Path> files() {
        return files;
    }

    /**
     * The pairs, one at a time; the stream is to be closed.
     *
     * @param malformed what becomes of rows that are not pairs
     */
    public PairStream open(Malformed malformed) {
        return new PairStream(files, root, form, malformed);
    }

    /** All pairs. */
    public List<Pair> read(Malformed malformed) {
        List<Pair> pairs = new ArrayList<>();
        try (PairStream stream = open(malformed)) {
            stream.forEachRemaining(pairs::add);
        }
        return pairs;
    }

    private static boolean isPattern(Path path) {
        return path.toString().chars().anyMatch(c -> "*?[{".indexOf(c) >= 0);
    }

    /** The folder above the first name with a wildcard. */
    private static Path fixed(Path path) {
        Path fixed = path;
        while (isPattern(fixed) && fixed.getParent() != null) {
            fixed = fixed.getParent();
        }
        return fixed;
    }

    private static List<Path> matching(Path pattern, Path root) {
        PathMatcher matcher = FileSystems.getDefault()
                .getPathMatcher("glob:" + pattern.toAbsolutePath().normalize());
        List<Path> found;
        try (Stream<Path> tree = Files.isDirectory(root) ? Files.walk(root) : Stream.empty()) {
            found = tree.filter(file -> Files.isRegularFile(file) && matcher.matches(file.normalize()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UserError(root + ": cannot be listed (" + UserError.reason(e) + "); give a readable folder", e);
        }
        if (found.isEmpty()) {
            throw new UserError(pattern + ": no file matches; correct the pattern");
        }
        return found;
    }
}
