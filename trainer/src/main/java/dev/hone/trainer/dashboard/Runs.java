package dev.hone.trainer.dashboard;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The runs in a folder, or the one it is. They are found by looking, never by a path that a browser sends, and links are
 * not followed, so that nothing outside the folder is ever shown.
 */
final class Runs {

    private static final int DEPTH = 4;
    private static final int MOST = 500;

    private final Path root;
    private Map<String, LiveRun> known = Map.of();

    /** @throws UserError where there is no such folder */
    Runs(Path root) {
        try {
            this.root = root.toRealPath();
        } catch (IOException e) {
            throw new UserError("There is no folder " + root + "; give a run, or a folder with runs in it", e);
        }
        if (!Files.isDirectory(this.root)) {
            throw new UserError(root + " is no folder; give a run, or a folder with runs in it");
        }
    }

    /** Looks for runs; what was known of one stays known. */
    synchronized Map<String, LiveRun> all() {
        Map<String, Path> found = new TreeMap<>();
        if (isRun(root)) {
            found.put(root.getFileName().toString(), root);
        } else {
            walk(found);
        }
        Map<String, LiveRun> runs = new LinkedHashMap<>();
        found.forEach((name, directory) -> {
            LiveRun before = known.get(name);
            runs.put(name, before == null ? new LiveRun(directory) : before);
        });
        known = runs;
        return runs;
    }

    synchronized Optional<LiveRun> named(String name) {
        LiveRun run = known.get(name);
        return Optional.ofNullable(run == null ? all().get(name) : run);
    }

    private void walk(Map<String, Path> found) {
        try {
            Files.walkFileTree(root, Set.of(), DEPTH, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                    if (found.size() >= MOST) {
                        return FileVisitResult.TERMINATE;
                    }
                    if (isRun(directory)) {
                        found.put(root.relativize(directory).toString(), directory);
                        return FileVisitResult.SKIP_SUBTREE;
                    }
                    return directory.equals(root)
                                    || !directory.getFileName().toString().startsWith(".")
                            ? FileVisitResult.CONTINUE
                            : FileVisitResult.SKIP_SUBTREE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UserError("Cannot look for runs in " + root + " (" + e.getMessage() + ")", e);
        }
    }

    private static boolean isRun(Path directory) {
        return Files.isRegularFile(directory.resolve("events.jsonl"), LinkOption.NOFOLLOW_LINKS);
    }
}
