package dev.hone.datasets.pairs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A dataset's folder while it is written. Its pairs are locked, and a lock ends with its process: so what a killed one left
 * is told from what is being written.
 *
 * @param pairs its file of pairs, open for writing
 */
record Building(Path folder, FileChannel pairs) implements Closeable {
    private static final String PREFIX = ".freezing-";

    /** Those of this process. Looking at one would end its lock, as POSIX has it. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    /** Begins a folder in {@code parent}. */
    static Building open(Path parent) throws IOException {
        while (true) {
            Path folder = parent.resolve(PREFIX + UUID.randomUUID()).toAbsolutePath();
            Path file = folder.resolve(FrozenDataset.PAIRS);
            OWN.add(folder);
            Files.createDirectories(folder);
            try {
                FileChannel pairs = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                lock(pairs);
                // Another process may have taken it for one left over, until it was locked.
                if (Files.exists(file)) {
                    return new Building(folder, pairs);
                }
                pairs.close();
            } catch (NoSuchFileException e) {
                // The same, before there was a file.
            }
            OWN.remove(folder);
        }
    }

    private static void lock(FileChannel pairs) {
        try {
            pairs.lock();
        } catch (IOException e) {
            // A file system without locks: nothing is cleared there either.
        }
    }

    /** Deletes what processes that are no more left in {@code parent}. */
    static void clear(Path parent) throws IOException {
        if (!Files.isDirectory(parent)) {
            return;
        }
        try (Stream<Path> entries = Files.list(parent)) {
            for (Path folder : entries.filter(
                            entry -> entry.getFileName().toString().startsWith(PREFIX))
                    .toList()) {
                clearOne(folder);
            }
        }
    }

    private static void clearOne(Path folder) throws IOException {
        if (OWN.contains(folder.toAbsolutePath())) {
            return;
        }
        Path file = folder.resolve(FrozenDataset.PAIRS);
        if (!Files.exists(file)) {
            deleteEmpty(folder);
            return;
        }
        try (FileChannel pairs = FileChannel.open(file, StandardOpenOption.READ);
                FileLock lock = locked(pairs)) {
            if (lock != null) {
                delete(folder);
            }
        } catch (NoSuchFileException e) {
            // It has its name by now, or another process clears it.
        }
    }

    /** Null where its writer holds it, or that cannot be told. */
    private static @Nullable FileLock locked(FileChannel pairs) {
        try {
            return pairs.tryLock(0, Long.MAX_VALUE, true);
        } catch (IOException e) {
            return null;
        }
    }

    /** Of a process that was killed between the folder and the file. */
    private static void deleteEmpty(Path folder) throws IOException {
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            // Its process goes on.
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(folder);
    }

    /** Deletes it, unless it has its name by now. */
    @Override
    public void close() throws IOException {
        try (FileChannel all = pairs) {
            if (Files.exists(folder)) {
                delete(folder);
            }
        } finally {
            OWN.remove(folder);
        }
    }
}
